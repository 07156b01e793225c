using System.Collections;
using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Itsm.Platform.Http;

/// <summary>Checks the attributes on request records (and what they hold) before a handler runs: 400 with a pointer for each error.</summary>
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

    private static bool IsChecked(Type type) => type.IsNestedPublic && type.Namespace?.StartsWith("Itsm.", StringComparison.Ordinal) == true && type.IsClass;

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
            foreach (var rule in member.Rules)
            {
                if (rule.GetValidationResult(value, new ValidationContext(request) { MemberName = member.Name, DisplayName = member.Name }) is { } failed)
                {
                    (errors ??= []).Add(new FieldError(at, failed.ErrorMessage!));
                }
            }

            if (value is string text && text.Contains('\0'))
            {
                (errors ??= []).Add(new FieldError(at, $"{member.Name} has a NUL character."));
            }

            if (value is IEnumerable items and not string)
            {
                var index = 0;
                foreach (var item in items)
                {
                    if (item is null)
                    {
                        (errors ??= []).Add(new FieldError($"{at}/{index}", $"{member.Name} has a null in it."));
                    }
                    else if (item is string word && word.Contains('\0'))
                    {
                        (errors ??= []).Add(new FieldError($"{at}/{index}", $"{member.Name} has a NUL character in it."));
                    }
                    else if (IsChecked(item.GetType()))
                    {
                        Check(item, $"{at}/{index}", ref errors);
                    }

                    index++;
                }
            }
            else if (value is not null && IsChecked(value.GetType()))
            {
                Check(value, at, ref errors);
            }
        }
    }

    private static Member[] Inspect(Type type) =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0).Select(property => new Member(
            property, JsonNamingPolicy.CamelCase.ConvertName(property.Name), [.. property.GetCustomAttributes<ValidationAttribute>()])),
    ];

    private sealed record Member(PropertyInfo Property, string Name, ValidationAttribute[] Rules);
}
