using System.Buffers.Binary;
using System.Text;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Platform.Documents;

/// <summary>One element of a BSON document, read in place.</summary>
public readonly ref struct RawElement(BsonType type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    /// <summary>Its BSON type.</summary>
    public BsonType Type { get; } = type;

    /// <summary>Its name in UTF-8, without the terminating zero.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>Its value's bytes, as the BSON specification lays them out.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;

    /// <summary>The text of a string, UTF-8, without length and terminator.</summary>
    public ReadOnlySpan<byte> Utf8 => Value[4..^1];

    /// <summary>The milliseconds since 1970 of a date, or the value of an Int64.</summary>
    public long Int64 => BinaryPrimitives.ReadInt64LittleEndian(Value);

    /// <summary>The value of an Int32.</summary>
    public int Int32 => BinaryPrimitives.ReadInt32LittleEndian(Value);

    /// <summary>The value of a double.</summary>
    public double Double => BinaryPrimitives.ReadDoubleLittleEndian(Value);

    /// <summary>The value of a boolean.</summary>
    public bool Boolean => Value[0] != 0;

    /// <summary>True for binary data of the UUID subtype.</summary>
    public bool IsGuid => Type == BsonType.Binary && Value[4] == (byte)BsonBinarySubType.UuidStandard;

    /// <summary>The value of a UUID.</summary>
    public Guid Guid => new(Value[5..21], bigEndian: true);

    /// <summary>True for a duration as <see cref="BsonMapping"/> stores it.</summary>
    public bool IsDuration => Type == BsonType.Binary && Value[4] == (byte)BsonBinarySubType.UserDefined;

    /// <summary>The value of a duration, also where an earlier version stored it as ISO 8601 text.</summary>
    public TimeSpan Duration => Type == BsonType.String
        ? System.Xml.XmlConvert.ToTimeSpan(Encoding.UTF8.GetString(Utf8))
        : TimeSpan.FromTicks(BinaryPrimitives.ReadInt64LittleEndian(Bytes));

    /// <summary>The bytes of binary data.</summary>
    public ReadOnlySpan<byte> Bytes => Value[5..];

    /// <summary>The value as an object of the driver; costs allocations.</summary>
    public BsonValue ToBsonValue() => Type switch
    {
        BsonType.String => new BsonString(Encoding.UTF8.GetString(Utf8)),
        BsonType.Int32 => new BsonInt32(Int32),
        BsonType.Int64 => new BsonInt64(Int64),
        BsonType.Double => new BsonDouble(Double),
        BsonType.Boolean => (BsonBoolean)Boolean,
        BsonType.DateTime => new BsonDateTime(Int64),
        BsonType.Null => BsonNull.Value,
        BsonType.Binary => IsGuid
            ? new BsonBinaryData(Guid, GuidRepresentation.Standard)
            : new BsonBinaryData(Bytes.ToArray(), (BsonBinarySubType)Value[4]),
        BsonType.Document => new RawBsonDocument(Value.ToArray()),
        BsonType.Array => new RawBsonArray(new MongoDB.Bson.IO.ByteArrayBuffer(Value.ToArray(), isReadOnly: true)),
        _ => throw new NotSupportedException($"BSON type {Type} is not stored by the platform."),
    };

    /// <summary>True where both have the same value, also where an earlier version stored one's durations as text.</summary>
    public bool IsSameAs(RawElement other) => Type == other.Type
        ? Value.SequenceEqual(other.Value) || (Type is BsonType.Document or BsonType.Array && AreSame(Value, other.Value))
        : IsDuration ? IsText(other, Duration) : other.IsDuration && IsText(this, other.Duration);

    private static bool IsText(RawElement element, TimeSpan duration) =>
        element.Type == BsonType.String && element.Utf8.SequenceEqual(duration.FormatIso(stackalloc byte[Durations.LongestIsoText]));

    private static bool AreSame(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        var members = new RawBson(one);
        var others = new RawBson(other);
        while (members.MoveNext())
        {
            if (!others.MoveNext() || !members.Current.Name.SequenceEqual(others.Current.Name) || !members.Current.IsSameAs(others.Current))
            {
                return false;
            }
        }

        return !others.MoveNext();
    }
}

/// <summary>Walks a BSON document or array in place, without building objects: what lists, indexes and diffs need.</summary>
public ref struct RawBson
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the first element.</summary>
    public RawBson(ReadOnlySpan<byte> document)
    {
        _rest = document[4..BinaryPrimitives.ReadInt32LittleEndian(document)];
        Current = default;
    }

    /// <summary>The element that the walk stands at.</summary>
    public RawElement Current { get; private set; }

    /// <summary>Goes to the next element.</summary>
    public bool MoveNext()
    {
        var type = (BsonType)_rest[0];
        if (type == BsonType.EndOfDocument)
        {
            return false;
        }

        var name = _rest[1..];
        name = name[..name.IndexOf((byte)0)];
        var value = _rest[(name.Length + 2)..];
        var length = type switch
        {
            BsonType.Double or BsonType.Int64 or BsonType.DateTime => 8,
            BsonType.Int32 => 4,
            BsonType.Boolean => 1,
            BsonType.Null => 0,
            BsonType.String => BinaryPrimitives.ReadInt32LittleEndian(value) + 4,
            BsonType.Document or BsonType.Array => BinaryPrimitives.ReadInt32LittleEndian(value),
            BsonType.Binary => BinaryPrimitives.ReadInt32LittleEndian(value) + 5,
            _ => throw new NotSupportedException($"BSON type {type} is not stored by the platform."),
        };
        Current = new RawElement(type, name, value[..length]);
        _rest = value[length..];
        return true;
    }

    /// <summary>Supports <c>foreach</c>.</summary>
    public readonly RawBson GetEnumerator() => this;

    /// <summary>The same document without the element of this name, and with a document under this name at its end where
    /// <paramref name="value"/> is not empty.</summary>
    public static byte[] With(ReadOnlySpan<byte> document, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var copy = new byte[document.Length + name.Length + value.Length + 2];
        var length = 4;
        foreach (var element in new RawBson(document))
        {
            if (!element.Name.SequenceEqual(name))
            {
                Append(copy, ref length, element.Type, element.Name, element.Value);
            }
        }

        if (!value.IsEmpty)
        {
            Append(copy, ref length, BsonType.Document, name, value);
        }

        return copy[..End(copy, length)];
    }

    /// <summary>Copies a document without the elements of these names.</summary>
    /// <param name="document">The document.</param>
    /// <param name="names">In UTF-8.</param>
    /// <param name="copy">Takes the copy; at least as long as the document.</param>
    /// <returns>How long the copy is.</returns>
    public static int CopyWithout(ReadOnlySpan<byte> document, ReadOnlySpan<byte[]> names, Span<byte> copy)
    {
        var length = 4;
        foreach (var element in new RawBson(document))
        {
            if (!Contains(names, element.Name))
            {
                Append(copy, ref length, element.Type, element.Name, element.Value);
            }
        }

        return End(copy, length);
    }

    /// <summary>The top-level element of this name.</summary>
    /// <returns>False where there is none.</returns>
    public static bool TryFind(ReadOnlySpan<byte> document, ReadOnlySpan<byte> name, out RawElement found)
    {
        foreach (var element in new RawBson(document))
        {
            if (element.Name.SequenceEqual(name))
            {
                found = element;
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>All values under a dotted path; arrays on the way and at its end give a value per element. Nulls are left out.</summary>
    public static List<BsonValue> Values(ReadOnlySpan<byte> document, string path)
    {
        var values = new List<BsonValue>(1);
        Collect(document, Encoding.UTF8.GetBytes(path), values);
        return values;
    }

    private static bool Contains(ReadOnlySpan<byte[]> names, ReadOnlySpan<byte> name)
    {
        foreach (var one in names)
        {
            if (name.SequenceEqual(one))
            {
                return true;
            }
        }

        return false;
    }

    private static void Append(Span<byte> copy, ref int length, BsonType type, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        (copy[length], copy[length + name.Length + 1]) = ((byte)type, 0);
        name.CopyTo(copy[(length + 1)..]);
        value.CopyTo(copy[(length + name.Length + 2)..]);
        length += name.Length + value.Length + 2;
    }

    private static int End(Span<byte> copy, int length)
    {
        copy[length++] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(copy, length);
        return length;
    }

    private static void Collect(ReadOnlySpan<byte> document, ReadOnlySpan<byte> path, List<BsonValue> values)
    {
        var dot = path.IndexOf((byte)'.');
        if (!TryFind(document, dot < 0 ? path : path[..dot], out var found))
        {
            return;
        }

        var rest = dot < 0 ? [] : path[(dot + 1)..];
        if (found.Type != BsonType.Array)
        {
            CollectOne(found, rest, values);
            return;
        }

        foreach (var element in new RawBson(found.Value))
        {
            CollectOne(element, rest, values);
        }
    }

    private static void CollectOne(RawElement element, ReadOnlySpan<byte> rest, List<BsonValue> values)
    {
        if (!rest.IsEmpty)
        {
            if (element.Type == BsonType.Document)
            {
                Collect(element.Value, rest, values);
            }
        }
        else if (element.Type != BsonType.Null)
        {
            values.Add(element.ToBsonValue());
        }
    }
}
