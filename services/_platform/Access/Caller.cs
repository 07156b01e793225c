using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Itsm.Contracts;
using Microsoft.AspNetCore.Http;
using MongoDB.Bson;

namespace Itsm.Platform.Access;

/// <summary>The person behind a request: what they may see and do now, whatever was so when their token was issued.</summary>
public sealed class Caller
{
    /// <summary>A caller with these tokens and permissions.</summary>
    public Caller(
        Guid person, string userName, string name, IReadOnlySet<string> tokens, IReadOnlySet<string> permissions, IReadOnlySet<Guid> groups)
    {
        (Person, UserName, Name, Tokens, Permissions, Groups) = (person, userName, name, tokens, permissions, groups);
        Actor = new Actor(person, name);
        TokenValues = [.. tokens.Select(token => (BsonValue)token)];
        Utf8Tokens = [.. tokens.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>Id of the person.</summary>
    public Guid Person { get; }

    /// <summary>Name for signing in.</summary>
    public string UserName { get; }

    /// <summary>Name shown to people.</summary>
    public string Name { get; }

    /// <summary>Tag of the language that they prefer; null where <c>Accept-Language</c> decides.</summary>
    public string? Language { get; init; }

    /// <summary>People for whom the caller may approve now: themselves, and those whom they substitute.</summary>
    public IReadOnlyList<Guid> ApprovesFor { get; init; } = [];

    /// <summary>When this stops being so by itself: a substitution begins or ends.</summary>
    internal DateTimeOffset KnownUntil { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Reader tokens held.</summary>
    public IReadOnlySet<string> Tokens { get; }

    /// <summary>Permissions from roles.</summary>
    public IReadOnlySet<string> Permissions { get; }

    /// <summary>Ids of the groups that the person is a member of.</summary>
    public IReadOnlySet<Guid> Groups { get; }

    /// <summary>The caller as audit entries and messages name them.</summary>
    public Actor Actor { get; }

    /// <summary>The tokens as the engines' queries take them.</summary>
    public IReadOnlyList<BsonValue> TokenValues { get; }

    /// <summary>Stands for all that decides what the caller sees and may do, in entity tags; the same in every process.</summary>
    internal string Fingerprint => field ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n',
        [Person.ToString(), .. Tokens.Order(StringComparer.Ordinal), .. Permissions.Order(StringComparer.Ordinal),
            .. ApprovesFor.Order().Select(one => one.ToString())])))[..4]);

    /// <summary>The tokens as they stand in stored documents.</summary>
    internal byte[][] Utf8Tokens { get; }

    /// <summary>True where the caller may see what carries these readers.</summary>
    public bool Sees(IEnumerable<string> readers) => readers.Any(Tokens.Contains);

    /// <summary>True where the caller may see it even when they stand in for nobody.</summary>
    public bool SeesForThemselves(IEnumerable<string> readers) =>
        readers.Except(ApprovesFor.Where(one => one != Person).Select(ReaderToken.Approver)).Any(Tokens.Contains);

    /// <summary>True where a role of the caller gives this permission.</summary>
    public bool May(string permission) => Permissions.Contains(permission);

    /// <summary>The caller of this request.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context, ParameterInfo parameter) => ValueTask.FromResult<Caller?>(Of(context));

    /// <summary>The caller of this request.</summary>
    public static Caller Of(HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("This route has no caller: it is open to anybody.");
}
