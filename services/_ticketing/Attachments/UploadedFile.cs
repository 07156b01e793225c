using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Itsm.Ticketing.Attachments;

/// <summary>A file as it comes with a request: the body itself, or the part <c>file</c> of a form.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Content">Its bytes, as they come.</param>
internal sealed record UploadedFile(string Name, Stream Content)
{
    /// <summary>The media type of forms.</summary>
    public const string Form = "multipart/form-data";

    /// <summary>More bytes than a form has beside its file.</summary>
    public const int FormSize = 64 * 1024;

    private const int LongestBoundary = 70;
    private const int LongestName = 255;
    private const string Part = "file";

    /// <summary>The file of a request.</summary>
    /// <param name="request">Its body is not read yet.</param>
    /// <param name="name">What the query says that it is called; null where it does not.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="HttpProblemException">400: there is no file, or it has no name.</exception>
    public static async Task<UploadedFile> OfAsync(HttpRequest request, string? name, CancellationToken ct)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals(Form, StringComparison.OrdinalIgnoreCase))
        {
            return new(NameOf(name) ?? throw HttpProblemException.Invalid("?fileName", FieldCode.Required,
                "fileName is required where the file is the body itself."), request.Body);
        }

        try
        {
            var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
            if (string.IsNullOrEmpty(boundary) || boundary.Length > LongestBoundary)
            {
                throw new InvalidDataException($"its boundary must have 1 to {LongestBoundary} characters");
            }

            var reader = new MultipartReader(boundary, request.Body);
            while (await reader.ReadNextSectionAsync(ct) is { } section)
            {
                if (section.AsFileSection() is { Name: Part } file)
                {
                    return new(NameOf(name ?? file.FileName) ?? throw HttpProblemException.Invalid("/file", FieldCode.Required,
                        "The part file has no filename."), file.FileStream!);
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Broken(e);
        }

        throw HttpProblemException.Invalid("/file", FieldCode.Required, "The form has no part file with a file.");
    }

    /// <summary>What the caller gets whose body can't be read to its end.</summary>
    public static Exception Broken(Exception e) => e as BadHttpRequestException ?? (Exception)HttpProblemException.Invalid("",
        FieldCode.WrongFormat, $"The body can't be read: {e.Message.TrimEnd('.')}.");

    /// <summary>A name without folders, as it may be kept; null for none.</summary>
    /// <param name="name">As it was sent.</param>
    /// <param name="pointer">Where.</param>
    /// <exception cref="HttpProblemException">400: it can't be a name.</exception>
    public static string? NameOf(string? name, string pointer = "?fileName")
    {
        var last = name?[(name.LastIndexOfAny(['/', '\\']) + 1)..].Trim();
        return string.IsNullOrEmpty(last) ? null
            : last.Length > LongestName ? throw HttpProblemException.Invalid(pointer, FieldCode.TooLong,
                $"A file name has at most {LongestName} characters, not {last.Length}.")
            : last.Any(char.IsControl) || last is "." or ".." ? throw HttpProblemException.Invalid(pointer, FieldCode.WrongFormat,
                $"A file can't be called {last.Quoted}.")
            : last;
    }
}
