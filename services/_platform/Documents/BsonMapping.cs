using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Xml;
using Itsm.Platform.Values;
using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Bson.Serialization;
using MongoDB.Bson.Serialization.Conventions;
using MongoDB.Bson.Serialization.Serializers;

namespace Itsm.Platform.Documents;

/// <summary>How objects become BSON, once for all services and engines: camelCase names, enums as camelCase text, instants as
/// dates (millisecond precision), days as text such as <c>2026-01-31</c>, durations as binary of the user-defined subtype with their ticks, UUIDs in the standard form, nulls left
/// out.</summary>
public static class BsonMapping
{
    private const int MostSpare = 64 * 1024;
    private static readonly Lazy<bool> Registered = new(Register);

    [ThreadStatic]
    private static MemoryStream? _spare;

    /// <summary>Registers the mapping; any number of times.</summary>
    public static void Use() => _ = Registered.Value;

    /// <summary>The BSON bytes of an object.</summary>
    public static byte[] ToBytes<T>(T value)
    {
        Use();

        // Kept for the next one: a stream that grows to a ticket's size allocates four times that. Serializers may serialize within.
        var stream = _spare ?? new MemoryStream(MostSpare / 4);
        _spare = null;
        stream.SetLength(0);
        using (var writer = new BsonBinaryWriter(stream))
        {
            BsonSerializer.Serialize(writer, value);
        }

        var bytes = stream.ToArray();
        _spare = stream.Capacity <= MostSpare ? stream : null;
        return bytes;
    }

    /// <summary>The object in these BSON bytes; unknown elements are ignored, an <see cref="Aggregates.Aggregate"/> keeps those of its
    /// own.</summary>
    /// <exception cref="NewerVersionException">An enum's value is unknown.</exception>
    public static T FromBytes<T>(ReadOnlyMemory<byte> bytes)
    {
        Use();
        using var buffer = new ByteBufferStream(new ByteArrayBuffer(
            System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0
                ? segment.Array
                : bytes.ToArray(),
            bytes.Length, isReadOnly: true));
        using var reader = new BsonBinaryReader(buffer);
        try
        {
            return BsonSerializer.Deserialize<T>(reader);
        }
        catch (FormatException e) when (e.GetBaseException() is NewerVersionException newer)
        {
            throw new NewerVersionException(newer.Message, e);
        }
    }

    /// <summary>The value under which a filter finds this text, instant, day, id or enum.</summary>
    public static BsonValue Value(object? value) => value switch
    {
        null => BsonNull.Value,
        DateOnly day => DaySerializer.TextOf(day),
        Guid id => new BsonBinaryData(id, GuidRepresentation.Standard),
        DateTimeOffset at => new BsonDateTime(at.ToUnixTimeMilliseconds()),
        Enum member => JsonNamingPolicy.CamelCase.ConvertName(member.ToString()),
        _ => BsonValue.Create(value),
    };

    private static bool Register()
    {
        BsonSerializer.RegisterSerializer(new GuidSerializer(GuidRepresentation.Standard));
        BsonSerializer.RegisterSerializer(new InstantSerializer());
        BsonSerializer.RegisterSerializer(new DaySerializer());
        BsonSerializer.RegisterSerializer(new DurationSerializer());
        BsonSerializer.RegisterSerializer(new ObjectSerializer(_ => false));
        ConventionRegistry.Register("itsm",
            new ConventionPack
            {
                new CamelCaseElementNameConvention(), new IgnoreIfNullConvention(true), new IgnoreExtraElementsConvention(true),
                new EnumConvention(),
            },
            type => type.Namespace?.StartsWith("Itsm", StringComparison.Ordinal) == true);
        return true;
    }

    private sealed class EnumConvention : ConventionBase, IMemberMapConvention
    {
        public void Apply(BsonMemberMap member)
        {
            if (Wrapped(member.MemberType) is { } serializer)
            {
                member.SetSerializer(serializer);
            }
        }

        private static IBsonSerializer? Wrapped(Type type)
        {
            if (type.IsEnum)
            {
                return (IBsonSerializer)Activator.CreateInstance(typeof(EnumTextSerializer<>).MakeGenericType(type))!;
            }

            return Nullable.GetUnderlyingType(type) is { IsEnum: true } underlying
                ? (IBsonSerializer)Activator.CreateInstance(typeof(NullableSerializer<>).MakeGenericType(underlying), Wrapped(underlying))!
                : null;
        }
    }

    private sealed class EnumTextSerializer<T> : StructSerializerBase<T>
        where T : struct, Enum
    {
        public override void Serialize(BsonSerializationContext context, BsonSerializationArgs args, T value) =>
            context.Writer.WriteString(EnumNames<T>.Of(value));

        public override T Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args) =>
            context.Reader.ReadString() is var text && EnumNames<T>.OrUnknown(text) is { } value
                ? value
                : throw new NewerVersionException($"There is no {typeof(T).Name} {text} in this version.");
    }

    private sealed class InstantSerializer : StructSerializerBase<DateTimeOffset>
    {
        public override void Serialize(BsonSerializationContext context, BsonSerializationArgs args, DateTimeOffset value) =>
            context.Writer.WriteDateTime(value.ToUnixTimeMilliseconds());

        public override DateTimeOffset Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args) =>
            DateTimeOffset.FromUnixTimeMilliseconds(context.Reader.ReadDateTime());
    }

    private sealed class DaySerializer : StructSerializerBase<DateOnly>
    {
        private const string Form = "yyyy-MM-dd";

        public static string TextOf(DateOnly day) => day.ToString(Form, CultureInfo.InvariantCulture);

        public override void Serialize(BsonSerializationContext context, BsonSerializationArgs args, DateOnly value) =>
            context.Writer.WriteString(TextOf(value));

        public override DateOnly Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args) =>
            DateOnly.ParseExact(context.Reader.ReadString(), Form, CultureInfo.InvariantCulture);
    }

    private sealed class DurationSerializer : StructSerializerBase<TimeSpan>
    {
        public override void Serialize(BsonSerializationContext context, BsonSerializationArgs args, TimeSpan value)
        {
            var ticks = new byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(ticks, value.Ticks);
            context.Writer.WriteBinaryData(new BsonBinaryData(ticks, BsonBinarySubType.UserDefined));
        }

        // Earlier versions stored ISO 8601 text.
        public override TimeSpan Deserialize(BsonDeserializationContext context, BsonDeserializationArgs args) =>
            context.Reader.GetCurrentBsonType() == BsonType.String
                ? XmlConvert.ToTimeSpan(context.Reader.ReadString())
                : TimeSpan.FromTicks(BinaryPrimitives.ReadInt64LittleEndian(context.Reader.ReadBinaryData().Bytes));
    }
}
