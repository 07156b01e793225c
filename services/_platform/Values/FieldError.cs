namespace Itsm.Platform.Values;

/// <summary>One thing wrong in a request.</summary>
/// <param name="Pointer">JSON pointer into the body, or <c>?name</c> for a query parameter.</param>
/// <param name="Detail">One sentence that names what is wrong.</param>
public sealed record FieldError(string Pointer, string Detail)
{
    /// <summary>A name as part of a JSON pointer (RFC 6901).</summary>
    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
