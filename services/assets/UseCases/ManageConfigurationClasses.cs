using System.ComponentModel.DataAnnotations;
using Itsm.Assets.Domain;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing.Forms;

namespace Itsm.Assets.UseCases;

/// <summary>Classes of configuration items: their attributes, and whose word on them counts.</summary>
internal static class ManageConfigurationClasses
{
    private static readonly ListDefinition Lists = new() { Filters = [], Sorts = ["key"], DefaultSort = "key" };

    /// <summary>A new class.</summary>
    /// <example>{ "key": "printer", "name": "Printer", "attributes": { "properties": { "model": { "type": "string", "maxLength": 100 },
    /// "color": { "type": "boolean" } }, "required": ["model"] }, "precedence": ["discovery", "person", "import"], "matchBy": ["name+model"] }</example>
    public sealed record CreateRequest
    {
        /// <summary>Short name, unique.</summary>
        [Required, StringLength(60),
            RegularExpression("^[a-z0-9]+(-[a-z0-9]+)*$", ErrorMessage = "lower-case letters, digits and single hyphens")]
        public required string Key { get; init; }

        /// <summary>Name shown to people.</summary>
        [Required, StringLength(120, MinimumLength = 2)]
        public required string Name { get; init; }

        /// <summary>Who may see its items where nothing else is said of them.</summary>
        public ItemVisibility Visibility { get; init; }

        /// <summary>Schema of the attributes.</summary>
        public Form? Attributes { get; init; }

        /// <summary>Sources in the order in which their word counts; people, discovery, import where left out.</summary>
        [Length(1, 20)]
        public IReadOnlyList<string>? Precedence { get; init; }

        /// <summary>The same for single attributes, by key.</summary>
        public Dictionary<string, IReadOnlyList<string>>? AttributePrecedence { get; init; }

        /// <summary>By what items that sources report are recognised, the surest first: keys of attributes, joined by <c>+</c>.</summary>
        [MaxLength(10)]
        public IReadOnlyList<string>? MatchBy { get; init; }
    }

    /// <summary>Changes of a class; what is absent stays.</summary>
    /// <example>{ "attributePrecedence": { "address": ["discovery", "person"] }, "attributes": { "properties": { "address": {
    /// "type": "string" } } } }</example>
    public sealed record EditRequest
    {
        /// <summary>Name shown to people.</summary>
        [StringLength(120, MinimumLength = 2)]
        public Optional<string> Name { get; init; }

        /// <summary>Who may see its items where nothing else is said of them.</summary>
        public Optional<ItemVisibility?> Visibility { get; init; }

        /// <summary>Schema of the attributes, all of it; values that are there stay.</summary>
        public Optional<Form> Attributes { get; init; }

        /// <summary>Sources in the order in which their word counts, from the next word on.</summary>
        [Length(1, 20)]
        public Optional<IReadOnlyList<string>> Precedence { get; init; }

        /// <summary>The same for single attributes, by key.</summary>
        public Optional<Dictionary<string, IReadOnlyList<string>>> AttributePrecedence { get; init; }

        /// <summary>By what items that sources report are recognised, the surest first: keys of attributes, joined by
        /// <c>+</c>.</summary>
        [MaxLength(10)]
        public Optional<IReadOnlyList<string>> MatchBy { get; init; }
    }

    public static void Map(IEndpointRouteBuilder classes)
    {
        classes.MapGet("", (ListQuery list, AggregateStore<ConfigurationClass> store, CancellationToken ct) =>
                list.PageAsync(store, Lists, ct))
            .WithName("ListConfigurationClasses").WithSummary("Lists classes of configuration items").Requires(Permissions.ReadItems)
            .Lists<ConfigurationClass>(Lists);
        classes.MapGet("{id}", (string id, Read read, AggregateStore<ConfigurationClass> store, CancellationToken ct) =>
                read.OneAsync(store, id, ct))
            .WithName("GetConfigurationClass").WithSummary("Reads a class by id or key").Requires(Permissions.ReadItems)
            .Reads<ConfigurationClass>();
        classes.MapPost("", (CreateRequest request, Write write, AggregateStore<ConfigurationClass> store, CancellationToken ct) =>
                write.CreateAsync(store, audit => ValueTask.FromResult(ConfigurationClass.Create(
                    Guid.CreateVersion7(audit.At), request.Key,
                    new(request.Name, request.Visibility, request.Attributes ?? Form.Empty,
                        request.Precedence ?? ConfigurationClass.DefaultPrecedence, request.AttributePrecedence ?? [],
                        request.MatchBy ?? []))), ct))
            .WithName("CreateConfigurationClass").WithSummary("Adds a class of configuration items").Requires(Permissions.DefineClasses)
            .Produces<ConfigurationClass>(StatusCodes.Status201Created);
        classes.MapPatch("{id}",
            (string id, EditRequest request, Write write, AggregateStore<ConfigurationClass> store, CancellationToken ct) =>
                write.ChangeAsync(store, id, "update", null, (of, _) => of.Describe(new(
                    request.Name.Or(of.Name, "/name"), request.Visibility.Or(of.Visibility, "/visibility")!.Value,
                    request.Attributes.Or(of.Attributes) ?? Form.Empty,
                    request.Precedence.Or(of.Precedence) ?? ConfigurationClass.DefaultPrecedence,
                    request.AttributePrecedence.Or(of.AttributePrecedence) ?? [], request.MatchBy.Or(of.MatchBy) ?? [])), ct))
            .WithName("EditConfigurationClass").WithSummary("Changes a class; items keep the values that they have")
            .Requires(Permissions.DefineClasses).ChangesOne().Produces<ConfigurationClass>();
    }
}
