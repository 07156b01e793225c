using System.Text;
using MongoDB.Bson;

namespace Itsm.Platform.Documents.Sqlite;

/// <summary>A declared field of a collection, and how to read its values from a body in place.</summary>
internal sealed class FieldPath(string name)
{
    private const int SmallArray = 16;

    private static readonly IndexValue[] Missing = [IndexValue.Null];

    private readonly byte[][] _steps = [.. name.Split('.').Select(Encoding.UTF8.GetBytes)];
    private volatile bool _several;

    public string Name { get; } = name;

    /// <summary>True once any document has had several values here. Set before such a document can be read, and never taken back.</summary>
    public bool Several
    {
        get => _several;
        set => _several = value;
    }

    /// <summary>The distinct values; one null where there is none.</summary>
    public IndexValue[] Read(ReadOnlyMemory<byte> body)
    {
        var collector = new Collector(body);
        Walk(body.Span, 0, ref collector);
        return collector.Found is null ? collector.First is { } only ? [only] : Missing : Distinct(collector.Found);
    }

    /// <summary>The first value, or null where there is none; it outlives the body.</summary>
    public IndexValue First(ReadOnlySpan<byte> body)
    {
        var first = default(FirstValue);
        Walk(body, 0, ref first);
        return first.Found ?? IndexValue.Null;
    }

    /// <summary>True where a value in the document, or the lack of any, passes the test.</summary>
    public bool Any(ReadOnlySpan<byte> body, FieldTest test)
    {
        var matcher = new Matcher(test);
        Walk(body, 0, ref matcher);
        return matcher.Matched || (!matcher.Seen && test.AllowsMissing);
    }

    /// <summary>The value in the document that is <paramref name="value"/> in an index, with its type.</summary>
    public BsonValue Original(ReadOnlySpan<byte> body, IndexValue value) =>
        RawBson.Values(body, Name).Find(candidate => candidate is not (BsonDocument or BsonArray) && IndexValue.Of(candidate).Equals(value))
            ?? BsonNull.Value;

    private static IndexValue[] Distinct(List<IndexValue> values)
    {
        if (values.Count > SmallArray)
        {
            return [.. values.ToHashSet()];
        }

        var distinct = new List<IndexValue>(values.Count);
        foreach (var value in values)
        {
            if (!distinct.Contains(value))
            {
                distinct.Add(value);
            }
        }

        return [.. distinct];
    }

    private bool Walk<TVisitor>(ReadOnlySpan<byte> document, int step, ref TVisitor visitor)
        where TVisitor : struct, IVisitor
    {
        if (!RawBson.TryFind(document, _steps[step], out var found))
        {
            return true;
        }

        if (found.Type != BsonType.Array)
        {
            return Visit(found, step, ref visitor);
        }

        foreach (var element in new RawBson(found.Value))
        {
            if (!Visit(element, step, ref visitor))
            {
                return false;
            }
        }

        return true;
    }

    private bool Visit<TVisitor>(in RawElement element, int step, ref TVisitor visitor)
        where TVisitor : struct, IVisitor =>
        step == _steps.Length - 1
            ? visitor.Visit(element)
            : element.Type != BsonType.Document || Walk(element.Value, step + 1, ref visitor);

    private interface IVisitor
    {
        /// <summary>Takes a value; false ends the walk.</summary>
        bool Visit(in RawElement element);
    }

    private struct Collector(ReadOnlyMemory<byte> body) : IVisitor
    {
        public IndexValue? First { get; private set; }

        public List<IndexValue>? Found { get; private set; }

        public bool Visit(in RawElement element)
        {
            if (IndexValue.TryRead(element, body, out var value))
            {
                if (First is { } first)
                {
                    (Found ??= [first]).Add(value);
                }
                else
                {
                    First = value;
                }
            }

            return true;
        }
    }

    private struct FirstValue : IVisitor
    {
        public IndexValue? Found { get; private set; }

        public bool Visit(in RawElement element)
        {
            Found = IndexValue.Copy(element);
            return Found is null;
        }
    }

    private struct Matcher(FieldTest test) : IVisitor
    {
        public bool Matched { get; private set; }

        public bool Seen { get; private set; }

        public bool Visit(in RawElement element)
        {
            if (test.Passes(element) is { } passes)
            {
                Seen = true;
                Matched = passes;
            }

            return !Matched;
        }
    }
}
