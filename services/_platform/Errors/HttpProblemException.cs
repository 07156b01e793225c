using Itsm.Platform.Values;

namespace Itsm.Platform.Errors;

/// <summary>Ends a request with these problem details.</summary>
public sealed class HttpProblemException(ProblemDetails problem) : Exception
{
    private const int MostErrors = 50;
    private const int MostInDetail = 5;
    private const int LongestText = 1_000;

    /// <summary>What the caller gets.</summary>
    public ProblemDetails Problem { get; } = problem;

    /// <inheritdoc/>
    public override string Message => Problem.Detail.ToString();

    /// <summary>Sent with the problem; null where there is none.</summary>
    public string? Tag { get; init; }

    /// <summary>When the request may succeed; null where nobody knows.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>404 for what is not there, or what the caller may not see.</summary>
    public static HttpProblemException NotFound(string noun, string id) =>
        new(Problems.Create(404, "not-found", $"Not found",
            $"There is no {noun.AsWord} {id.Quoted} that you can see."));

    /// <summary>403 for what the caller may see, but not do.</summary>
    /// <param name="detail">One sentence that says why.</param>
    public static HttpProblemException Forbidden(Sentence detail) =>
        new(Problems.Create(403, "permission-missing", $"Permission missing", detail));

    /// <summary>400 for a value that is wrong, with a pointer to it.</summary>
    /// <param name="pointer">JSON pointer, or <c>?name</c> for a query parameter.</param>
    /// <param name="code">What kind of wrong it is.</param>
    /// <param name="message">One sentence that quotes what was sent, and names what is possible.</param>
    public static HttpProblemException Invalid(string pointer, FieldCode code, Sentence message) =>
        Invalid([new FieldError(pointer, code, message)]);

    /// <summary>400 with all that is wrong, or the first 50 of it; <c>errorCount</c> tells how many there are.</summary>
    public static HttpProblemException Invalid(IReadOnlyList<FieldError> errors)
    {
        FieldError[] shown = [.. errors.Take(MostErrors).Select(error =>
            error with { Pointer = error.Pointer.Shortened(LongestText), Message = error.Message.Shortened(LongestText) })];
        var detail = Sentence.Join(" ", shown.Take(MostInDetail).Select(error => error.Message));
        return new HttpProblemException(
            Problems.Create(400, "invalid-request", $"Invalid request", detail) with { Errors = shown, ErrorCount = errors.Count });
    }
}
