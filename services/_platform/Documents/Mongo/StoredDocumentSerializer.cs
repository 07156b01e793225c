using System.Buffers.Binary;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Serializers;

namespace Itsm.Platform.Documents.Mongo;

/// <summary>Hands the BSON bytes to and from the driver as they are.</summary>
internal sealed class StoredDocumentSerializer : SerializerBase<StoredDocument>
{
    public override StoredDocument Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args)
    {
        using var slice = context.Reader.ReadRawBsonDocument();
        var body = new byte[slice.Length];
        slice.GetBytes(0, body, 0, body.Length);
        RawBson.TryFind(body, "_id"u8, out var id);
        var version =
            RawBson.TryFind(body, "version"u8, out var found) ? found.Type == MongoDB.Bson.BsonType.Int32 ? found.Int32 : found.Int64 : 0;
        return new StoredDocument(id.Guid, version, body);
    }

    public override void Serialize(BsonSerializationContext context, BsonSerializationArgs args, StoredDocument value)
    {
        // A body can be a part of a longer array.
        var length = BinaryPrimitives.ReadInt32LittleEndian(value.Body.Span);
        var body = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(value.Body, out var segment) && segment.Offset == 0
            ? segment.Array!
            : value.Body.ToArray();
        using var buffer = new ByteArrayBuffer(body, length, isReadOnly: true);
        context.Writer.WriteRawBsonDocument(buffer);
    }
}
