using System.Text;
using System.Text.Json;
using Itsm.Platform.Documents;

namespace Itsm.Platform.Aggregates;

/// <summary>How callers get an annex.</summary>
/// <param name="Write">Writes it as of an instant.</param>
/// <param name="Tag">Stands in entity tags, in digits and points, for what is written as of an instant: the same only where that is the
/// same.</param>
public sealed record AnnexFormat(Action<Utf8JsonWriter, RawElement, DateTimeOffset> Write, Func<RawElement, DateTimeOffset, string> Tag);

/// <summary>An annex's name, and its format as of now.</summary>
internal readonly record struct AnnexWriter(string Name, AnnexFormat Format, DateTimeOffset Now)
{
    public void Write(Utf8JsonWriter writer, RawElement annex) => Format.Write(writer, annex, Now);

    /// <summary>What an entity tag says of a document's annex; null where it has none.</summary>
    public string? TagOf(StoredDocument document) =>
        RawBson.TryFind(document.Body.Span, Encoding.UTF8.GetBytes(Name), out var annex) ? Format.Tag(annex, Now) : null;
}
