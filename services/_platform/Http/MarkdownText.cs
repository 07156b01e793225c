using System.Text.Json;
using System.Text.RegularExpressions;
using Ganss.Xss;
using Itsm.Platform.Documents;
using Markdig;
using Markdig.Extensions.AutoLinks;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using MongoDB.Bson;

namespace Itsm.Platform.Http;

/// <summary>Texts in Markdown as HTML that can be put into any page: it runs nothing, fetches nothing, and its links lead to http, https
/// and mail addresses alone.</summary>
public static partial class MarkdownText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UseSoftlineBreakAsHardlineBreak()
        .UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough).UseTaskLists()
        .UseAutoLinks(new AutoLinkOptions { UseHttpsForWWWLinks = true }).UsePreciseSourceLocation().Build();

    private static readonly HtmlSanitizer Sanitizer = OnlyAbsolute(new(new HtmlSanitizerOptions
    {
        AllowedTags = new HashSet<string>
        {
            "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "input", "li", "ol", "p", "pre",
            "strong", "ul",
        },
        AllowedAttributes = new HashSet<string> { "href", "title", "rel", "class", "start", "type", "checked", "disabled" },
        AllowedSchemes = new HashSet<string> { "http", "https", "mailto" },
        UriAttributes = new HashSet<string> { "href" },
    }));

    internal const string Member = "rendered";

    /// <summary>Of more marks the cost grows with their square.</summary>
    private const int MostMarks = 1_000;

    private static readonly System.Buffers.SearchValues<char> Marks = System.Buffers.SearchValues.Create("*_~|[]<>`#&!-+");

    internal static QueryParameter<string> Parameter { get; } =
        new("render", QueryValue.Word("html"), "Adds the member rendered: texts in Markdown as HTML that is safe in any page.");

    /// <summary>The HTML of a text; one that is no text but marks is shown as it is written.</summary>
    public static string ToHtml(string markdown)
    {
        if (CountMarks(markdown) > MostMarks)
        {
            return AsWritten(markdown);
        }

        try
        {
            return Render(markdown);
        }
        catch (ArgumentException)
        {
            // Nested too deep.
            return AsWritten(markdown);
        }
    }

    /// <summary>The text with backticks in the place of all code, so that what is left is what somebody says. Of one that is no text but
    /// marks only fenced code is found.</summary>
    public static string MaskCode(string markdown)
    {
        var text = markdown.ToCharArray();
        foreach (var (start, length) in CountMarks(markdown) > MostMarks ? FencesOf(markdown) : CodeOf(markdown))
        {
            text.AsSpan(start, length).Fill('`');
        }

        return new string(text);
    }

    private static IEnumerable<(int Start, int Length)> CodeOf(string markdown)
    {
        try
        {
            var document = Markdown.Parse(markdown, Pipeline);
            return document.Descendants<CodeBlock>().SelectMany(block => block.Lines.Lines?.Take(block.Lines.Count) ?? [])
                .Select(line => (line.Position, markdown.AsSpan(line.Position).IndexOfAny('\r', '\n') is >= 0 and var end
                    ? end : markdown.Length - line.Position))
                .Concat(document.Descendants<CodeInline>().Select(code => (code.Span.Start, code.Span.Length)));
        }
        catch (ArgumentException)
        {
            // Nested too deep.
            return FencesOf(markdown);
        }
    }

    private static IEnumerable<(int Start, int Length)> FencesOf(string markdown) =>
        Fence().Matches(markdown).Select(fence => (fence.Index, fence.Length));

    [GeneratedRegex("^ {0,3}(?<fence>(?>`{3,}|~{3,}))[^`\\n]*\\n.*?(^ {0,3}\\k<fence>|\\z)",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Fence();

    private static string AsWritten(string text) => $"<pre>{System.Net.WebUtility.HtmlEncode(text)}</pre>";

    private static int CountMarks(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (int at; (at = text.IndexOfAny(Marks)) >= 0; count++)
        {
            text = text[(at + 1)..];
        }

        return count;
    }

    private static HtmlSanitizer OnlyAbsolute(HtmlSanitizer sanitizer)
    {
        sanitizer.FilterUrl += (_, link) =>
            link.SanitizedUrl = Uri.TryCreate(link.OriginalUrl, UriKind.Absolute, out var address)
                && address.Scheme is "http" or "https" or "mailto"
                && !link.OriginalUrl.StartsWith('/') ? link.SanitizedUrl : null;
        return sanitizer;
    }

    private static string Render(string markdown)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in document.Descendants<LinkInline>())
        {
            // A picture from elsewhere would tell its server who reads.
            link.IsImage = false;
            link.GetAttributes().AddProperty("rel", "noopener noreferrer");
        }

        return Sanitizer.Sanitize(document.ToHtml(Pipeline)).Trim();
    }

    /// <summary>Writes the member of a thing.</summary>
    /// <param name="writer">Stands inside the thing.</param>
    /// <param name="bson">The thing.</param>
    /// <param name="fields">Those that are shown, and are in Markdown.</param>
    internal static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> bson, IReadOnlySet<string> fields)
    {
        writer.WriteStartObject(Member);
        foreach (var element in new RawBson(bson))
        {
            if (element.Type == BsonType.String && fields.Contains(Representation.Names.Of(element.Name)))
            {
                writer.WriteString(element.Name, ToHtml(System.Text.Encoding.UTF8.GetString(element.Utf8)));
            }
        }

        writer.WriteEndObject();
    }
}
