using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Itsm.Platform.Values;

/// <summary>The languages that there are: those of the program, and those of the files <c>{tag}.json</c> in <c>Languages:Folder</c>, which
/// add a language or take the place of single texts.</summary>
public sealed class Languages
{
    private readonly Dictionary<string, Language> _byTag = new(StringComparer.OrdinalIgnoreCase) { ["en"] = Language.English };

    /// <param name="folder">With further files; null for none.</param>
    /// <exception cref="InvalidOperationException">The folder is not there, or one of its files can't be read.</exception>
    public Languages(string? folder)
    {
        foreach (var tag in LanguageWords.TagsOfProgram.Where(tag => tag != "en"))
        {
            _byTag[tag] = new Language(tag, () => LanguageWords.OfProgram(tag));
        }

        if (folder is not null && !Directory.Exists(folder))
        {
            throw new InvalidOperationException($"Languages:Folder is no folder: {folder}.");
        }

        foreach (var file in folder is null ? [] : Directory.GetFiles(folder, "*.json"))
        {
            var tag = Path.GetFileNameWithoutExtension(file);
            _ = new LanguageWords([], [], []).With(file);
            _byTag[tag] = new Language(tag, () => LanguageWords.OfProgram(tag).With(file));
        }
    }

    /// <summary>Their tags, in alphabetical order.</summary>
    public IReadOnlyList<string> Tags => [.. _byTag.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The language of this tag, or the one that <c>de-AT</c> is a form of; null where there is neither.</summary>
    public Language? Find(string tag) =>
        _byTag.GetValueOrDefault(tag) ?? _byTag.GetValueOrDefault(tag.Split('-')[0]);

    /// <summary>The one of them that <c>Accept-Language</c> asks for most; null where it names none.</summary>
    public Language? Best(StringValues acceptLanguage) =>
        acceptLanguage.Count > 0 && StringWithQualityHeaderValue.TryParseList(acceptLanguage, out var wanted)
            ? wanted.Where(one => one.Quality is not 0).OrderByDescending(one => one.Quality ?? 1)
                .Select(one => Find(one.Value.ToString())).FirstOrDefault(found => found is not null)
            : null;
}

/// <summary>In which language a request is answered.</summary>
public static class RequestLanguage
{
    /// <summary>Reads the files of <c>Languages:Folder</c>, where that is set.</summary>
    /// <exception cref="InvalidOperationException">One of them can't be read.</exception>
    public static void AddLanguages(this IHostApplicationBuilder builder) =>
        builder.Services.AddSingleton(new Languages(builder.Configuration["Languages:Folder"]));

    extension(HttpContext context)
    {
        /// <summary>What was chosen for this request; else what <c>Accept-Language</c> asks for most of the languages that there are, or
        /// English.</summary>
        public Language Language
        {
            get
            {
                if (context.Features.Get<Language>() is not { } language)
                {
                    language = context.RequestServices.GetService<Languages>()?.Best(context.Request.Headers.AcceptLanguage)
                        ?? Language.English;
                    context.Features.Set(language);
                }

                return language;
            }
        }

        /// <summary>Answers in the language that the caller prefers, whatever <c>Accept-Language</c> says: browsers send that unasked. A
        /// language that was chosen for this request before stays.</summary>
        /// <param name="tag">Of the language; null, and one that there is no more, leave it to the header.</param>
        internal void Prefer(string? tag)
        {
            if (tag is not null && context.Features.Get<Language>() is null
                && context.RequestServices.GetService<Languages>()?.Find(tag) is { } language)
            {
                context.Features.Set(language);
            }
        }

        /// <summary>Says in the headers of the answer in which language it is, and that others may get it in another.</summary>
        /// <param name="tag">Of the language; that of the request where left out.</param>
        public void TellLanguage(string? tag = null)
        {
            context.Response.Headers.ContentLanguage = tag ?? context.Language.Tag;
            context.Response.Headers.AppendCommaSeparatedValues(
                HeaderNames.Vary, HeaderNames.AcceptLanguage, HeaderNames.Authorization);
        }
    }
}
