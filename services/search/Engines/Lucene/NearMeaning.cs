using System.Collections;
using Itsm.Search.Domain;
using Lucene.Net.Index;
using Lucene.Net.Queries.Function;
using Lucene.Net.Queries.Function.DocValues;
using Lucene.Net.Util;

namespace Itsm.Search.Engines.Lucene;

/// <summary>How near documents are to a meaning: the cosine, one after the other.</summary>
internal sealed class NearMeaning(byte[] parts) : ValueSource
{
    public override FunctionValues GetValues(IDictionary context, AtomicReaderContext readerContext) =>
        new Cosines(this, parts, readerContext.AtomicReader.GetBinaryDocValues(LuceneDocuments.Meaning));

    public override bool Equals(object? o) => o is NearMeaning other && other.Parts.SequenceEqual(parts);

    public override int GetHashCode() => BitConverter.ToInt32(parts);

    public override string GetDescription() => "near a meaning";

    private byte[] Parts => parts;

    private sealed class Cosines(NearMeaning source, byte[] parts, BinaryDocValues? values) : SingleDocValues(source)
    {
        private readonly BytesRef _of = new();

        public override float SingleVal(int doc)
        {
            values?.Get(doc, _of);
            return _of.Length == parts.Length ? Meaning.Cosine(parts, _of.Bytes.AsSpan(_of.Offset, _of.Length)) : -1;
        }
    }
}
