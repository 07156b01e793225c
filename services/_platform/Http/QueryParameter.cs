using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Itsm.Platform.Errors;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Http;
using Microsoft.OpenApi;

namespace Itsm.Platform.Http;

/// <summary>A query parameter of a route: the contract describes it, and requests are read, from this one definition.</summary>
public abstract class QueryParameter
{
    private protected QueryParameter(string name, string describes) => (Name, Describes) = (name, describes);

    /// <summary>As callers write it.</summary>
    public string Name { get; }

    /// <summary>What it does, for the contract.</summary>
    public string Describes { get; }

    /// <summary>True where a request without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>A new schema of what it takes.</summary>
    internal abstract OpenApiSchema Schema { get; }

    /// <summary>What is wrong with a text as its value; null where nothing is.</summary>
    internal abstract IReadOnlyList<FieldError>? WhyNot(string text);
}

/// <summary>A query parameter that is read as a value of this type.</summary>
/// <remarks><see cref="StrictQuery"/> has refused what is empty, given twice, not as declared, or missing though it is required.</remarks>
public sealed class QueryParameter<T> : QueryParameter
{
    private readonly QueryValue<T> _value;
    private readonly bool _hasDefault;
    private readonly T? _default;

    /// <summary>A parameter that may be left out.</summary>
    public QueryParameter(string name, QueryValue<T> value, string describes)
        : base(name, describes) => _value = value;

    /// <summary>A parameter with a value where it is left out.</summary>
    public QueryParameter(string name, QueryValue<T> value, string describes, T otherwise)
        : base(name, describes) => (_value, _default, _hasDefault) = (value, otherwise, true);

    internal override OpenApiSchema Schema
    {
        get
        {
            var schema = _value.Schema;
            schema.Default = _hasDefault ? JsonSerializer.SerializeToNode(_default) : null;
            return schema;
        }
    }

    internal override IReadOnlyList<FieldError>? WhyNot(string text)
    {
        try
        {
            _value.Read(Name, text);
            return null;
        }
        catch (HttpProblemException e)
        {
            return e.Problem.Errors;
        }
    }

    /// <summary>The value in a request; the default, or none, where it is left out.</summary>
    public T? Of(HttpRequest request) => TryRead(request, out var value) ? value : _default;

    /// <summary>The value in a request.</summary>
    /// <returns>False where it is left out, whatever its default.</returns>
    public bool TryRead(HttpRequest request, [MaybeNullWhen(false)] out T value)
    {
        if (request.Query.TryGetValue(Name, out var values) && values is [{ } text, ..])
        {
            value = _value.Read(Name, text);
            return true;
        }

        value = default;
        return false;
    }
}
