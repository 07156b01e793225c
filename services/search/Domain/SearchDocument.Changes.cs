using Itsm.Contracts.Assets;
using Itsm.Contracts.Directory;
using Itsm.Contracts.Requests;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Unicode;
using Itsm.Search.Domain.Languages;

namespace Itsm.Search.Domain;

internal sealed partial record SearchDocument
{
    /// <summary>The document after a ticket said how it is; null where that is not newer than what is known.</summary>
    /// <param name="known">How it is known.</param>
    /// <param name="ticket">How it is.</param>
    /// <param name="names">How people call the services and items that it names.</param>
    public static SearchDocument? After(SearchDocument? known, TicketChanged ticket, IReadOnlyDictionary<string, string> names) =>
        known?.Version >= ticket.Version ? null : new SearchDocument
    {
        Id = ticket.Id, Kind = ticket.Kind, Version = ticket.Version, Number = ticket.Number, Title = ticket.Title.ToNfc(),
        Description = Lines([DescriptionOf(ticket), .. NamesIn(ticket, names)]),
        Resolution = ticket.Incident?.ResolutionNotes?.ToNfc(), State = ticket.State,
        Stage = ticket.Category, Priority = ticket.Priority, Requester = ticket.Requester, OpenedBy = ticket.OpenedBy,
        AssignmentGroup = ticket.AssignmentGroup, Assignee = ticket.Assignee, Category = ticket.TicketCategory,
        Approvers = [
            .. ticket.Approvals?.Where(approval => approval.State == ApprovalState.Requested).Select(approval => approval.Approver) ?? []],
        AffectedService = ticket.AffectedService?.ToNfc(), ConfigurationItems = [.. ticket.ConfigurationItems.Select(item => item.ToNfc())],
        OpenedAt = ticket.OpenedAt, UpdatedAt = ticket.At, ChangedAt = Newer(known, ticket.At),
        ResolvedAt = ticket.ResolvedAt, ClosedAt = ticket.ClosedAt, Readers = ticket.Readers, NoteReaders = ticket.NoteReaders,
        Comments = known?.Comments ?? [], Notes = known?.Notes ?? [],
        Language = LanguageRule.Of(ticket.Title, DescriptionOf(ticket), ticket.Incident?.ResolutionNotes),
    }.Keeping(known);

    /// <summary>The document after a comment on it was received; null where that is known already. A comment may come before its
    /// ticket.</summary>
    public static SearchDocument? After(SearchDocument? known, TicketCommented comment)
    {
        var document = known ?? new SearchDocument { Id = comment.Ticket, Kind = comment.Kind };
        if (document.VersionOf(comment.Id) >= comment.Version)
        {
            return null;
        }

        document = document with { ChangedAt = Newer(known, comment.At) };

        var written = new SearchComment(comment.Id, comment.Version, comment.Text.ToNfc());
        return comment.Internal
            ? document with { Notes = With(document.Notes, written), Comments = Without(document.Comments, written) }
            : document with { Comments = With(document.Comments, written), Notes = Without(document.Notes, written) };
    }

    /// <summary>The document after a person said how they are; null where that is not newer than what is known.</summary>
    public static SearchDocument? After(SearchDocument? known, PersonChanged person) => known?.Version >= person.Version ? null : new()
    {
        Id = person.Id, Kind = Person, Version = person.Version, Number = person.UserName, Title = person.Name.ToNfc(),
        Notes = person.Mail is { } mail ? [new(person.Id, person.Version, mail.ToNfc())] : [], NoteReaders = [Contacts],
        State = person.Active ? Active : Inactive, Readers = [ReaderToken.Everyone],
    };

    /// <summary>The document after an item of the catalog said how it is; null where that is not newer than what is known. Nobody finds one
    /// that can't be ordered.</summary>
    public static SearchDocument? After(SearchDocument? known, CatalogItemChanged item) =>
        known?.Version >= item.Version ? null : new SearchDocument
    {
        Id = item.Id, Kind = CatalogItem, Version = item.Version, Number = item.Key, Title = item.Name.ToNfc(),
        Description = item.Description?.ToNfc(), State = item.State, Category = item.Category,
        Readers = item.State == Published ? item.Readers : [], Language = LanguageRule.Of(item.Name, item.Description),
    }.Keeping(known);

    /// <summary>The document after a configuration item said how it is; null where that is not newer than what is known.</summary>
    public static SearchDocument? After(SearchDocument? known, ConfigurationItemChanged item) =>
        known?.Version >= item.Version ? null : new()
    {
        Id = item.Id, Kind = ConfigurationItem, Version = item.Version, Number = item.Number, Title = item.Name.ToNfc(),
        OtherNames = Texts([item.Key, .. item.FormerNames.Where(name => !Guid.TryParse(name, out _))]),
        State = item.State, Class = item.Class, Owner = item.Owner, UpdatedAt = item.At,
        Description = Lines([item.Description, item.Class, item.Site, .. item.Attributes.Select(one => $"{one.Key} {one.Value}")]),
        Readers = item.Readers, Language = LanguageRule.Of(item.Name, item.Description),
    };

    /// <summary>The document after an asset said how it is; null where that is not newer than what is known. Only what all of its readers
    /// may see of it: who has it does not see when it was changed.</summary>
    public static SearchDocument? After(SearchDocument? known, AssetChanged asset) => known?.Version >= asset.Version ? null : new()
    {
        Id = asset.Id, Kind = Asset, Version = asset.Version, Number = asset.Number, Title = asset.Name.ToNfc(),
        OtherNames = Texts(asset.Tag, asset.SerialNumber), State = asset.State, Owner = asset.Owner,
        Description = Lines(asset.Manufacturer, asset.Model, asset.Site), Readers = asset.Readers, Language = LanguageRule.Of(asset.Name),
    };

    private static List<string> Texts(params IEnumerable<string?> texts) => [.. texts.OfType<string>().Select(text => text.ToNfc())];

    private static string? Lines(params IEnumerable<string?> texts) =>
        Texts(texts) is { Count: > 0 } lines ? string.Join('\n', lines) : null;

    private static DateTimeOffset Newer(SearchDocument? known, DateTimeOffset at) => known?.ChangedAt > at ? known.ChangedAt.Value : at;

    private static IEnumerable<string?> NamesIn(TicketChanged ticket, IReadOnlyDictionary<string, string> names) =>
        ticket.ConfigurationItems.Prepend(ticket.AffectedService).OfType<string>().Select(names.GetValueOrDefault).Distinct();

    private static string? DescriptionOf(TicketChanged ticket) =>
        ticket.Request is not { Answers: { Count: > 0 } answers } ? ticket.Description
        : string.Join('\n',
            answers.Select(answer => $"{answer.Title} {answer.Text}").Prepend(ticket.Description).Where(line => line is not null));

    // In the order of writing, whatever the order of receipt: replays give the same documents.
    private static List<SearchComment> With(IReadOnlyList<SearchComment> comments, SearchComment added) =>
        [.. comments.Where(known => known.Id != added.Id).Append(added).OrderBy(known => known.Id)];

    private static IReadOnlyList<SearchComment> Without(IReadOnlyList<SearchComment> comments, SearchComment gone) =>
        comments.Any(known => known.Id == gone.Id) ? [.. comments.Where(known => known.Id != gone.Id)] : comments;
}
