using Lucene.Net.Codecs;
using Lucene.Net.Codecs.Compressing;
using Lucene.Net.Codecs.Lucene46;

namespace Itsm.Search.Engines.Lucene;

/// <summary>How indices are laid out on disk: as the library has it, but with stored documents packed by 2 KB instead of 16, since all that
/// is packed with a hit is unpacked to show it.</summary>
[CodecName("Itsm")]
internal sealed class LuceneCodec() : FilterCodec(new Lucene46Codec())
{
    private const int ChunkBytes = 2 * 1024;

    static LuceneCodec() => SetCodecFactory(new Factory());

    public static LuceneCodec Instance { get; } = new();

    /// <inheritdoc/>
    public override StoredFieldsFormat StoredFieldsFormat { get; } =
        new CompressingStoredFieldsFormat("ItsmStoredFields", CompressionMode.FAST, ChunkBytes);

    /// <summary>Finds the codec of an index by its name, also that of earlier versions.</summary>
    private sealed class Factory : DefaultCodecFactory
    {
        protected override void Initialize()
        {
            base.Initialize();
            PutCodecType(typeof(LuceneCodec));
        }
    }
}
