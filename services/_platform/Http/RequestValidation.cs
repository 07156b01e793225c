using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>Checks the attributes on request records (and what they hold) before a handler runs: 400 with a pointer for each
/// error.</summary>
internal static class RequestValidation
{
    private static readonly ConcurrentDictionary<Type, Member[]> Members = new();

    public static async ValueTask<object?> FilterAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        List<FieldError>? errors = null;
        foreach (var argument in context.Arguments)
        {
            if (argument is not null && IsChecked(argument.GetType()))
            {
                Check(argument, "", ref errors);
            }
        }

        return errors is null ? await next(context) : throw HttpProblemException.Invalid(errors);
    }

    /// <summary>True for a body whose attributes are checked: a public record nested in a use case.</summary>
    internal static bool IsChecked(Type type) =>
        type.IsNestedPublic && type.Namespace?.StartsWith("Itsm.", StringComparison.Ordinal) == true && type.IsClass;

    /// <summary>Also what a request holds: records of the domain that travel in it.</summary>
    private static bool IsPart(Type type) => type.Namespace?.StartsWith("Itsm.", StringComparison.Ordinal) == true && type.IsClass;

    private static void Check(object request, string pointer, ref List<FieldError>? errors)
    {
        foreach (var member in Members.GetOrAdd(request.GetType(), Inspect))
        {
            var value = member.Property.GetValue(request);
            if (value is IOptional optional)
            {
                if (!optional.IsPresent)
                {
                    continue;
                }

                value = optional.Boxed;
            }

            var at = $"{pointer}/{member.Name}";
            var text = value as string;
            if (WhyNot(member, value, text) is { } fault)
            {
                (errors ??= []).Add(new FieldError(at, fault.Code, fault.Message));
            }

            if (value is IEnumerable items and not string)
            {
                foreach (var (key, item) in Entries(items))
                {
                    if (item is null)
                    {
                        (errors ??= []).Add(new FieldError($"{at}/{key}", FieldCode.Required, $"{member.Name} has a null in it."));
                    }
                    else if (key.Contains('\0') || (item is string word && word.Contains('\0')))
                    {
                        (errors ??= []).Add(new FieldError($"{at}/{key}", FieldCode.WrongFormat,
                            $"{member.Name} has a NUL character in it."));
                    }
                    else if (IsPart(item.GetType()))
                    {
                        Check(item, $"{at}/{key}", ref errors);
                    }
                }
            }
            else if (value is not null && IsPart(value.GetType()))
            {
                Check(value, at, ref errors);
            }
        }
    }

    /// <summary>The first rule that a value breaks, and what every text must be.</summary>
    private static (FieldCode Code, Sentence Message)? WhyNot(Member member, object? value, string? text)
    {
        var length = text is null ? 0 : member.IsLine ? OneLine.Length(text) : text.EnumerateRunes().Count();
        foreach (var rule in member.Rules)
        {
            if (RuleFaults.Find(rule, member.Name, value, length) is { } fault)
            {
                return fault;
            }
        }

        return text is null or "" ? null
            : text.Contains('\0') ? (FieldCode.WrongFormat, $"{member.Name} has a NUL character.")
            : !OneLine.HasVisible(text) && (member.IsLine || member.Rules.Any(rule => rule is StringLengthAttribute { MinimumLength: > 0 }))
            ? (FieldCode.Blank, $"{member.Name} is blank.")
            : member.IsLine && OneLine.WhyNot(text) is { } why ? (FieldCode.WrongFormat, $"{member.Name} {why}.")
            : null;
    }

    /// <summary>The items of a list by place, those of a dictionary by key.</summary>
    private static IEnumerable<(string Key, object? Item)> Entries(IEnumerable items)
    {
        if (items is IDictionary dictionary)
        {
            return dictionary.Keys.Cast<string>().Select(key => (FieldError.Escape(key), dictionary[key]));
        }

        return items.Cast<object?>().Select((item, index) => (index.ToString(System.Globalization.CultureInfo.InvariantCulture), item));
    }

    private static Member[] Inspect(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => new Member(
            property, JsonNamingPolicy.CamelCase.ConvertName(property.Name),
            [.. property.GetCustomAttributes<ValidationAttribute>().OrderBy(rule => rule is not RequiredAttribute)])),
    ];

    private sealed record Member(PropertyInfo Property, string Name, ValidationAttribute[] Rules)
    {
        /// <summary>Titles and names: read in lists, one line each.</summary>
        public bool IsLine { get; } = Name is "title" or "name";
    }
}
