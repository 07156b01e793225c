using System.Text.Json;
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
public static class MarkdownText
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().DisableHtml().UseSoftlineBreakAsHardlineBreak()
        .UsePipeTables().UseEmphasisExtras(Markdig.Extensions.EmphasisExtras.EmphasisExtraOptions.Strikethrough).UseTaskLists()
        .UseAutoLinks(new AutoLinkOptions { UseHttpsForWWWLinks = true }).Build();

    private static readonly HtmlSanitizer Sanitizer = new(new HtmlSanitizerOptions
    {
        AllowedTags = new HashSet<string>
        {
            "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "input", "li", "ol", "p", "pre",
            "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
        },
        AllowedAttributes = new HashSet<string> { "href", "title", "rel", "class", "start", "type", "checked", "disabled" },
        AllowedSchemes = new HashSet<string> { "http", "https", "mailto" },
        UriAttributes = new HashSet<string> { "href" },
    });

    internal const string Member = "rendered";

    internal static QueryParameter<string> Parameter { get; } =
        new("render", QueryValue.Word("html"), "Adds the member rendered: texts in Markdown as HTML that is safe in any page.");

    /// <summary>The HTML of a text.</summary>
    public static string ToHtml(string markdown)
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
