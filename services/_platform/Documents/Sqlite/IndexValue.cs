using System.Text;
using MongoDB.Bson;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>SQLite's storage classes; numbers sort before text, text before blobs.</summary>
internal enum ValueKind : byte
{
    Integer,
    Real,
    Text,
    Blob,
}

/// <summary>A value as it stands in an index table: what SQLite compares, compared here in the same way.</summary>
internal readonly struct IndexValue : IEquatable<IndexValue>, IComparable<IndexValue>
{
    private readonly long _number;

    private IndexValue(ValueKind kind, long number, ReadOnlyMemory<byte> bytes) => (Kind, _number, Bytes) = (kind, number, bytes);

    /// <summary>Missing. An integer, because columns of a primary key can't be NULL; the least, because missing sorts first.</summary>
    public static IndexValue Null { get; } = Of(long.MinValue);

    /// <summary>Follows every number.</summary>
    public static IndexValue LeastText { get; } = Of(ValueKind.Text, default);

    /// <summary>Follows every text.</summary>
    public static IndexValue LeastBlob { get; } = Of(ValueKind.Blob, default);

    /// <summary>Follows every UUID.</summary>
    public static IndexValue Greatest { get; } = Of(ValueKind.Blob, Enumerable.Repeat((byte)0xFF, 17).ToArray());

    public ValueKind Kind { get; }

    public long Integer => _number;

    public double Real => BitConverter.Int64BitsToDouble(_number);

    /// <summary>UTF-8 of a text, bytes of a blob.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    public bool IsNull => Kind == ValueKind.Integer && _number == long.MinValue;

    public static IndexValue Of(long number) => new(ValueKind.Integer, number, default);

    /// <summary>Whole numbers become integers, so that equal numbers are equal values whatever type they were written with.</summary>
    public static IndexValue Of(double number) => double.IsNaN(number) ? Null
        : Math.Abs(number) < 1L << 53 && Math.Floor(number) == number ? Of((long)number)
        : new IndexValue(ValueKind.Real, BitConverter.DoubleToInt64Bits(number), default);

    public static IndexValue Of(ValueKind kind, ReadOnlyMemory<byte> bytes) => new(kind, 0, bytes);

    public static IndexValue Of(BsonValue value) => value switch
    {
        BsonString text => Of(ValueKind.Text, Encoding.UTF8.GetBytes(text.Value)),
        BsonInt32 number => Of((long)number.Value),
        BsonInt64 number => Of(number.Value),
        BsonDouble number => Of(number.Value),
        BsonDateTime date => Of(date.MillisecondsSinceEpoch),
        BsonBoolean flag => Of(flag.Value ? 1L : 0L),
        BsonBinaryData binary => Of(ValueKind.Blob, binary.Bytes),
        BsonNull => Null,
        _ => throw new ArgumentException($"A {value.BsonType} can't be looked for in an index.", nameof(value)),
    };

    /// <summary>A value that <see cref="Of(BsonValue)"/> makes the same of.</summary>
    public BsonValue ToBson() => Kind switch
    {
        ValueKind.Integer => Integer,
        ValueKind.Real => Real,
        ValueKind.Text => Encoding.UTF8.GetString(Bytes.Span),
        _ => new BsonBinaryData(Bytes.ToArray()),
    };

    /// <summary>The value of an element of <paramref name="body"/>, pointing into it; false for sub-documents and the like.</summary>
    public static bool TryRead(in RawElement element, ReadOnlyMemory<byte> body, out IndexValue value)
    {
        switch (element.Type)
        {
            case BsonType.String:
                body.Span.Overlaps(element.Value, out var text);
                value = Of(ValueKind.Text, body.Slice(text + 4, element.Value.Length - 5));
                return true;
            case BsonType.Binary:
                body.Span.Overlaps(element.Value, out var blob);
                value = Of(ValueKind.Blob, body.Slice(blob + 5, element.Value.Length - 5));
                return true;
            default:
                return TryReadNumber(element, out value);
        }
    }

    /// <summary>The value of an element, with bytes of its own; null for what no index holds.</summary>
    public static IndexValue? Copy(in RawElement element) => element.Type switch
    {
        BsonType.String => Of(ValueKind.Text, element.Utf8.ToArray()),
        BsonType.Binary => Of(ValueKind.Blob, element.Bytes.ToArray()),
        _ => TryReadNumber(element, out var number) ? number : null,
    };

    /// <summary>Compares an element in place with a value; null for what no index holds.</summary>
    public static int? Compare(in RawElement element, in IndexValue other)
    {
        var kind = element.Type == BsonType.String ? ValueKind.Text : ValueKind.Blob;
        if (element.Type is not (BsonType.String or BsonType.Binary))
        {
            return TryReadNumber(element, out var number) ? number.CompareTo(other) : null;
        }

        return kind != other.Kind ? kind.CompareTo(other.Kind)
            : (kind == ValueKind.Text ? element.Utf8 : element.Bytes).SequenceCompareTo(other.Bytes.Span);
    }

    public int CompareTo(IndexValue other) => (Kind, other.Kind) switch
    {
        (ValueKind.Integer, ValueKind.Integer) => _number.CompareTo(other._number),
        (ValueKind.Real, ValueKind.Real) => Real.CompareTo(other.Real),
        (ValueKind.Integer, ValueKind.Real) => ((double)_number).CompareTo(other.Real),
        (ValueKind.Real, ValueKind.Integer) => Real.CompareTo(other._number),
        _ => Kind != other.Kind ? Kind.CompareTo(other.Kind) : Bytes.Span.SequenceCompareTo(other.Bytes.Span),
    };

    public bool Equals(IndexValue other) => Kind == other.Kind && _number == other._number && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override bool Equals(object? obj) => obj is IndexValue other && Equals(other);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.Add(_number);
        hash.AddBytes(Bytes.Span);
        return hash.ToHashCode();
    }

    private static bool TryReadNumber(in RawElement element, out IndexValue value)
    {
        switch (element.Type)
        {
            case BsonType.Int64 or BsonType.DateTime:
                value = Of(element.Int64);
                return true;
            case BsonType.Int32:
                value = Of((long)element.Int32);
                return true;
            case BsonType.Double:
                value = Of(element.Double);
                return !value.IsNull;
            case BsonType.Boolean:
                value = Of(element.Boolean ? 1L : 0L);
                return true;
            default:
                value = default;
                return false;
        }
    }
}
