using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.RegularExpressions;
using Itsm.Contracts.Directory;
using Itsm.Directory.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Microsoft.AspNetCore.Mvc;
using Group = Itsm.Directory.Domain.Group;

namespace Itsm.Directory.UseCases;

/// <summary>Adds and changes people, and puts them into groups, from a CSV file. A row stands or falls alone; the same file again changes
/// nothing.</summary>
internal static partial class ImportPeople
{
    private const int MostRows = 50_000;
    private static readonly string[] Required = ["userName", "name"];
    private static readonly string[] Columns = [.. Required, "mail", "manager", "site", "roles", "groups", "issuer", "subject", "language"];

    private static readonly string[][] Sample =
    [
        Columns,
        ["mia.meyer", "Mia Meyer", "mia.meyer@example.org", "", "", "agent;requester", "service-desk", "", "", "de"],
        ["eli.ek", "Eli Ek", "eli.ek@example.org", "mia.meyer", "", "requester", "", "https://login.example.org", "8f1c2a", ""],
        ["zoe.zhu", "Zoë Zhu", "", "mia.meyer", "", "", "service-desk;network", "", "", ""],
    ];

    /// <summary>What became of the rows.</summary>
    public sealed record Response(int Created, int Updated, int Unchanged, IReadOnlyList<RefusedRow> Refused);

    /// <summary>A row that changed nothing, and why.</summary>
    /// <param name="Line">In the file; the header is line 1.</param>
    /// <param name="UserName">As it stands there.</param>
    /// <param name="Reason">One sentence.</param>
    public sealed record RefusedRow(int Line, string UserName, Sentence Reason)
    {
        /// <summary>The reason in English with the names of its arguments in braces.</summary>
        public string? Template => Reason.Template;

        /// <summary>The arguments of the template by name.</summary>
        public SentenceArguments? Arguments => Reason.Arguments;
    }

    private sealed record Row(int Line, string UserName, string Name, string? Mail, string? Manager, string? Site, string[]? Roles,
        string[] Groups, string? Issuer, string? Subject, string? Language);

    public static void Map(IEndpointRouteBuilder people)
    {
        people.MapGet("imports/sample", () => CsvText.Answer("people-sample", Sample)).WithName("GetPeopleImportSample")
            .WithSummary("Reads a CSV file that can be imported: the header and three rows").Requires(Permissions.Manage)
            .Produces<string>(contentType: CsvTable.MediaType);
        people.MapPost("imports", Handle).WithName(nameof(ImportPeople)).WithSummary("Adds and changes people from a CSV file")
            .WithDescription($"Columns: {string.Join(", ", Columns)}; the first two are required; several roles or groups are separated by "
                + "semicolons. issuer and subject bind an account of the identity provider; language is a tag such as de. Commas, "
                + "semicolons or tabs separate; UTF-8, at most 10 MB. A group that is missing is added.")
            .WithMetadata(new RequestSizeLimitAttribute(CsvTable.LargestFile)).Accepts<string>(CsvTable.MediaType)
            .Requires(Permissions.Manage).Produces<Response>();
    }

    private static Sentence Why(Exception e) => e switch
    {
        InvalidValueException invalid => invalid.Why,
        RuleViolationException refused => refused.Why,
        DuplicateKeyException { What: var what } => $"Another person has the same {what.AsWord}.",
        _ => throw new ArgumentException($"{e.GetType()} refuses no row.", nameof(e)),
    };

    private static async Task<Response> Handle(
        HttpContext context, Caller caller, AggregateStore<Person> people, AggregateStore<Group> groups, DirectoryLookup lookup,
        CancellationToken ct)
    {
        var rows = await ReadAsync(context.Request, ct);
        var audit =
            new AuditContext
            {
                By = caller.Actor, Action = "import", Reason = "Import of people.", At = people.Clock.GetUtcNow().ToMilliseconds(),
            };
        var refused = new List<RefusedRow>();
        var (created, updated, unchanged) = (0, 0, 0);
        var accepted = new List<(Row Row, Guid Id, bool Counted)>();
        var named = rows.Select(row => row.UserName).ToHashSet();
        foreach (var row in rows)
        {
            try
            {
                var (id, isNew, changed) = await ApplyAsync(row, named, people, lookup, audit, ct);
                accepted.Add((row, id, isNew || changed));
                (created, updated, unchanged) = isNew
                    ? (created + 1, updated, unchanged)
                    : changed ? (created, updated + 1, unchanged)
                    : (created, updated, unchanged + 1);
            }
            catch (Exception e) when (e is InvalidValueException or RuleViolationException or DuplicateKeyException)
            {
                refused.Add(new RefusedRow(row.Line, row.UserName, Why(e).In(context.Language)));
            }
        }

        // Managers may stand further down in the file than those whom they manage.
        foreach (var (row, id, counted) in accepted.Where(one => one.Row.Manager is not null))
        {
            try
            {
                var manager = await lookup.PersonAsync(row.Manager, "/manager", ct);
                var changed = false;
                await people.UpdateAsync(id, audit, person =>
                {
                    changed = person.Manager != manager;
                    person.ReportTo(manager);
                }, ct);
                (updated, unchanged) = changed && !counted ? (updated + 1, unchanged - 1) : (updated, unchanged);
            }
            catch (Exception e) when (e is InvalidValueException or RuleViolationException)
            {
                refused.Add(new RefusedRow(row.Line, row.UserName, Why(e).In(context.Language)));
            }
        }

        foreach (var group in accepted.SelectMany(one => one.Row.Groups.Select(key => (Key: key, one.Id)))
            .GroupBy(member => member.Key, member => member.Id))
        {
            await groups.DeliveredAsync(await JoinAsync(group.Key, [.. group], groups, audit, ct), ct);
        }

        return new Response(created, updated, unchanged, refused);
    }

    private static async Task<(Guid Id, bool IsNew, bool Changed)> ApplyAsync(
        Row row, HashSet<string> named, AggregateStore<Person> people, DirectoryLookup lookup, AuditContext audit, CancellationToken ct)
    {
        if (!UserNames.Check(row.UserName))
        {
            throw new InvalidValueException("/userName", FieldCode.WrongFormat,
                $"userName can't be {row.UserName.Quoted}: {UserNames.Rule.AsWord}.");
        }

        if (row.Issuer is null != row.Subject is null)
        {
            throw new InvalidValueException("/subject", FieldCode.Required, $"issuer and subject are given together.");
        }

        if (row.Name.Length is 0 or > 200)
        {
            throw new InvalidValueException("/name", row.Name.Length == 0 ? FieldCode.Blank : FieldCode.TooLong,
                $"name must be 1 to 200 characters.");
        }

        if (row.Mail is { } mail && (mail.Length > 254 || !new EmailAddressAttribute().IsValid(mail)))
        {
            throw new InvalidValueException("/mail", FieldCode.WrongFormat, $"{mail.Quoted} is not a mail address.");
        }

        if (row.Groups.FirstOrDefault(key => key.Length > 60 || !GroupKey().IsMatch(key)) is { } wrong)
        {
            throw new InvalidValueException("/groups", FieldCode.WrongFormat,
                $"{wrong.Quoted} is no key of a group: letters, digits and single hyphens.");
        }

        if (row.Manager == row.UserName)
        {
            throw new RuleViolationException("person.own-manager", $"{row.UserName} can't manage themselves.");
        }

        if (row.Manager is { } manager && !named.Contains(manager))
        {
            await lookup.PersonAsync(manager, "/manager", ct);
        }

        var site = await lookup.SiteAsync(row.Site, "/site", ct);
        var account = row.Issuer is null ? null : new ProviderAccount(row.Issuer, row.Subject!);
        var roles = row.Roles is null ? null : await lookup.RolesAsync(row.Roles, "/roles", ct);
        var language = lookup.Language(row.Language);
        if (await people.FindDocumentAsync(row.UserName, ct) is not { } found)
        {
            var person = Person.Create(Guid.CreateVersion7(audit.At), row.UserName, row.Name, row.Mail, null, site,
                roles ?? [KnownRoles.Requester]);
            person.Bind(account);
            person.Prefer(language);
            try
            {
                await people.TrySaveAsync(person, audit, ct);
                return (person.Id, true, true);
            }
            catch (DuplicateKeyException)
            {
                if (await people.FindDocumentAsync(row.UserName, ct) is not { } twin)
                {
                    throw;
                }

                found = twin;
            }
        }

        var saved = await people.UpdateAsync(found.Id, audit, person =>
        {
            person.Describe(row.Name, row.Mail ?? person.Mail);
            if (site is not null)
            {
                person.MoveTo(site);
            }

            person.Hold(roles ?? person.Roles);
            person.Bind(account ?? person.Account);
            person.Prefer(language ?? person.Language);
        }, ct);
        return (found.Id, false, saved!.Version != found.Version);
    }

    private static async Task<Guid> JoinAsync(
        string key, IReadOnlyList<Guid> members, AggregateStore<Group> groups, AuditContext audit, CancellationToken ct)
    {
        if (await groups.FindDocumentAsync(key, ct) is { } found)
        {
            await groups.UpdateAsync(found.Id, audit, group => group.Add(members), ct);
            return found.Id;
        }

        try
        {
            var name = CultureInfo.InvariantCulture.TextInfo.ToTitleCase(key.Replace('-', ' '));
            var group = Group.Create(Guid.CreateVersion7(audit.At), key, name, null, members, null);
            await groups.TrySaveAsync(group, audit, ct);
            return group.Id;
        }
        catch (DuplicateKeyException)
        {
            return await JoinAsync(key, members, groups, audit, ct);
        }
    }

    private static async Task<List<Row>> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        var table = await CsvTable.ReadAsync(request, ct);
        table.RequireColumns($"a file of people", Required, Columns);
        if (table.Rows.Count > MostRows)
        {
            throw HttpProblemException.Invalid("", FieldCode.TooMany, $"A file has at most {MostRows} rows, not {table.Rows.Count}.");
        }

        return [.. table.Rows.Select(row =>
        {
            string? Field(string name) =>
                table.Columns.Index().FirstOrDefault(column => column.Item == name) is { Item: not null } found
                    && row.Values[found.Index] is { Length: > 0 } text
                    ? text
                    : null;
            string[]? Several(string name) =>
                Field(name)?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            return new Row(
                row.Line, UserNames.Normalize(Field("userName") ?? ""), Field("name") ?? "", Field("mail"),
                Field("manager") is { } manager ? UserNames.Normalize(manager) : null, Field("site"),
                Several("roles"), [.. Several("groups")?.Select(key => key.ToLowerInvariant()) ?? []], Field("issuer"), Field("subject"),
                Field("language"));
        })];
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex GroupKey();
}
