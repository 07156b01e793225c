using System.Text.Json.Serialization;
using Itsm.Platform.Values;

namespace Itsm.Platform.Errors;

/// <summary>Why a request was refused or failed: problem details (RFC 9457). Others may be added to these members.</summary>
public sealed record ProblemDetails
{
    /// <summary>The content type that it has.</summary>
    public const string MediaType = "application/problem+json";

    /// <summary>URI of the kind of problem; stable.</summary>
    public required string Type { get; init; }

    /// <summary>The kind in a few words.</summary>
    public required Sentence Title { get; init; }

    /// <summary>HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>Stable word for programs: of a 409 the rule that refuses, else the last part of <c>type</c>.</summary>
    public required string Code { get; init; }

    /// <summary>One sentence on this occurrence, for people.</summary>
    public required Sentence Detail { get; init; }

    /// <summary>The detail in English with the names of its arguments in braces: what a front end can key words of its own by. Stable: another
    /// sentence is another template. Absent where there are several errors, which have their own, and where it was written by
    /// people.</summary>
    public string? Template => Detail.Template;

    /// <summary>The arguments of the template by name.</summary>
    public SentenceArguments? Arguments => Detail.Arguments;

    /// <summary>Path of the request.</summary>
    public string? Instance { get; init; }

    /// <summary>The trace of the request, which finds it in the logs.</summary>
    [JsonRequired]
    public string TraceId { get; init; } = "";

    /// <summary>Of a 400: what is wrong, the first 50.</summary>
    public IReadOnlyList<FieldError>? Errors { get; init; }

    /// <summary>Of a 400: how many errors there are in all.</summary>
    public int? ErrorCount { get; init; }

    /// <summary>Of a search that is refused: before which character of <c>q</c>, from 0 on.</summary>
    public int? Position { get; init; }

    /// <summary>Of a 412: the tag of the newest version.</summary>
    public string? CurrentETag { get; init; }

    /// <summary>Of a 412: the fields that changed since the version of If-Match.</summary>
    public IReadOnlyList<string>? ChangedFields { get; init; }

    /// <summary>The same in another language.</summary>
    internal ProblemDetails In(Language language) => this with
    {
        Title = Title.In(language), Detail = Detail.In(language),
        Errors = Errors is null ? null : [.. Errors.Select(error => error with { Message = error.Message.In(language) })],
    };
}
