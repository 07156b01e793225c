using System.Text.RegularExpressions;
using Itsm.Contracts.Directory;
using Itsm.Ticketing;

namespace Itsm.Requests.Domain;

/// <summary>The fields of a request that policies and plans look at, beside the answers, which are named by their questions.</summary>
internal static partial class RequestFields
{
    public static readonly string[] Names = ["request.item", "request.parentItem", "request.cost", "request.priority", "request.forOther",
        "request.site", "request.roles", "request.sensitivity"];

    /// <summary>Adds the record's fields to the answers.</summary>
    /// <param name="fields">The answers.</param>
    /// <param name="item">What is asked for.</param>
    /// <param name="content">Its edition.</param>
    /// <param name="about">For whom it is; who comes or goes, where it is about somebody. Their site, and their roles.</param>
    /// <param name="openedBy">Who ordered it.</param>
    /// <param name="parentItem">Key of the item of the request that ordered it.</param>
    public static FieldValues Add(
        FieldValues fields, CatalogItem item, ItemContent content, PersonChanged? about, Guid openedBy, string? parentItem)
    {
        fields.With("request.item", item.Key).With("request.parentItem", parentItem).With("request.cost", content.Cost?.Amount)
            .With("request.priority", content.Priority)
            .With("request.forOther", about?.Id == openedBy ? "false" : "true").With("request.site", about?.Site)
            .With("request.sensitivity", content.Access?.Sensitivity.ToString().ToLowerInvariant());
        fields["request.roles"] = about?.Roles ?? [];
        return fields;
    }

    /// <summary>The question that a text stands for: <c>model</c> for <c>{model}</c>; null for a text that stands for itself.</summary>
    public static string? Placeholder(string text) => Braces().Match(text) is { Success: true } found ? found.Groups[1].Value : null;

    /// <summary>The text, or the answer that it stands for; null where that was not given.</summary>
    public static string? Resolve(string text, ServiceRequest request) =>
        Placeholder(text) is { } question ? request.AnswerTo(question) : text;

    [GeneratedRegex(@"^\{([a-zA-Z0-9]+)\}$")]
    private static partial Regex Braces();
}
