using MongoDB.Bson;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>A condition in the terms of the index tables: either some values, or an interval.</summary>
internal sealed class FieldTest
{
    public FieldTest(FieldPath field, Condition condition)
    {
        Field = field;
        if (condition is InCondition { Values: var values })
        {
            Values = [.. values.Select(IndexValue.Of).Distinct().Order()];
            AllowsMissing = Values.Length > 0 && Values[0].IsNull;
            return;
        }

        var range = (RangeCondition)condition;
        var from = range.From is null or BsonNull ? (IndexValue?)null : IndexValue.Of(range.From);
        var to = range.To is null or BsonNull ? (IndexValue?)null : IndexValue.Of(range.To);
        (Low, LowIncluded) = from is { } low ? (low, range.FromIncluded) : LeastLike(to);
        (High, HighIncluded) = to is { } high ? (high, range.ToIncluded) : (EndLike(from), false);
    }

    public FieldPath Field { get; }

    /// <summary>The values, in order; null for an interval.</summary>
    public IndexValue[]? Values { get; }

    public IndexValue Low { get; }

    public bool LowIncluded { get; }

    public IndexValue High { get; }

    public bool HighIncluded { get; }

    public bool AllowsMissing { get; }

    public bool Passes(in IndexValue value)
    {
        if (Values is not null)
        {
            return Array.BinarySearch(Values, value) >= 0;
        }

        var (low, high) = (value.CompareTo(Low), value.CompareTo(High));
        return (low > 0 || (LowIncluded && low == 0)) && (high < 0 || (HighIncluded && high == 0));
    }

    /// <summary>The same of an element, in place; null for an element that no index holds.</summary>
    public bool? Passes(in RawElement element)
    {
        if (Values is null)
        {
            return IndexValue.Compare(element, Low) is not { } low ? null
                : (low > 0 || (LowIncluded && low == 0))
                    && IndexValue.Compare(element, High) is { } high && (high < 0 || (HighIncluded && high == 0));
        }

        var (from, to) = (0, Values.Length - 1);
        while (from <= to)
        {
            var middle = (from + to) / 2;
            switch (IndexValue.Compare(element, Values[middle]))
            {
                case null:
                    return null;
                case 0:
                    return true;
                case > 0:
                    from = middle + 1;
                    break;
                default:
                    to = middle - 1;
                    break;
            }
        }

        return IndexValue.Compare(element, IndexValue.Null) is null ? null : false;
    }

    // An interval open at one end holds only values of the kind of the other end, as in MongoDB.
    private static (IndexValue Value, bool Included) LeastLike(IndexValue? other) => other?.Kind switch
    {
        ValueKind.Text => (IndexValue.LeastText, true),
        ValueKind.Blob => (IndexValue.LeastBlob, true),
        _ => (IndexValue.Null, false),
    };

    private static IndexValue EndLike(IndexValue? other) => other?.Kind switch
    {
        ValueKind.Integer or ValueKind.Real => IndexValue.LeastText,
        ValueKind.Text => IndexValue.LeastBlob,
        _ => IndexValue.Greatest,
    };
}
