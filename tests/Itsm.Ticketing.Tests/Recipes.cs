using Itsm.Contracts;
using Itsm.Contracts.Ticketing;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;
using Itsm.Platform.Hosting;
using Itsm.Platform.Http;
using Itsm.Platform.Values;
using Itsm.Ticketing.Approvals;
using Itsm.Ticketing.Routes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Itsm.Ticketing.Tests;

/// <summary>A recipe as of one version.</summary>
public sealed record RecipeChanged(Guid Id, long Version, IReadOnlyList<TicketApproval> Approvals) : IEntityChanged;

/// <summary>No ticket, yet it has a number, a category, comments, and is approved by those whom a group has.</summary>
public sealed class Recipe : Aggregate, ICommentable, IApprovable
{
    internal static readonly KindNames Names = new("recipe", "recipes", "Recipe", "RCP");

    private static readonly ApprovalPolicy Policy = new()
    {
        Rules = [new() { Then = ApprovalOutcome.Stages, Stages = ["taste"] }],
        Stages = [new() { Key = "taste", Name = "Taste", Approvers = [new() { Kind = ApproverKind.Group, Of = "network" }] }],
    };

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<Recipe> Definition { get; } = new("recipes", "number",
        new IndexDefinition("readers", "title"));

    /// <summary>Its number.</summary>
    public required string Number { get; init; }

    /// <summary>What it is called.</summary>
    public required string Title { get; init; }

    /// <summary>Who wrote it.</summary>
    public required Guid Author { get; init; }

    /// <summary>Where it belongs.</summary>
    public Guid? Category { get; init; }

    /// <summary>True once it is approved.</summary>
    public bool Served { get; private set; }

    /// <inheritdoc/>
    public ApprovalProcess? Approval { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> NoteReaders => [ReaderToken.Role(KnownRoles.Agent)];

    /// <inheritdoc/>
    public IReadOnlyList<Guid> Barred => [Author];

    /// <inheritdoc/>
    public Sentence? WhyNothingToApprove => Served ? (Sentence)$"{Number} is served." : null;

    /// <inheritdoc/>
    public string ApprovalSubject() => Title;

    /// <inheritdoc/>
    public void RequireOpenForComments()
    {
    }

    /// <inheritdoc/>
    public void Keep(ApprovalProcess next, DateTimeOffset? due) => Approval = next;

    /// <inheritdoc/>
    public void OnApproved(AuditContext audit) => Served = true;

    /// <inheritdoc/>
    public void OnRejected(string reason, AuditContext audit)
    {
    }

    internal async Task SubmitAsync(Approvers approvers, AuditContext audit, CancellationToken ct)
    {
        var fields = new FieldValues();
        this.SubmitForApproval(Policy, fields, audit);
        await approvers.AskAsync(this, () => ContextAsync(this), audit, ct);
    }

    internal static ValueTask<ApprovalContext> ContextAsync(Recipe recipe) =>
        ValueTask.FromResult(new ApprovalContext(recipe.Author, null, null, recipe.Barred, new()));

    /// <inheritdoc/>
    protected override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        Readers = [ReaderToken.Person(Author), ReaderToken.Role(KnownRoles.Agent), .. this.ApproverTokens];
        Raise(new RecipeChanged(Id, Version, Approval?.Approvals ?? []));
    }
}

/// <summary>A service whose things are no tickets.</summary>
public sealed class RecipesService : IServiceModule
{
    private static readonly Permission Use = new("recipes.use", KnownRoles.Requester);
    private static readonly Permission Notes = new("recipes.notes", KnownRoles.Agent);

    /// <summary>A new recipe.</summary>
    /// <example>{ "title": "Soup", "category": "starters" }</example>
    public sealed record Request(string Title, string? Category);

    /// <inheritdoc/>
    public string Name => "recipes";

    /// <inheritdoc/>
    public IReadOnlyList<string> Paths => ["recipes", "menu"];

    /// <inheritdoc/>
    public void AddServices(ServiceBuilder service) => service.Stores(Recipe.Definition).Grants(Use, Notes)
        .AddNumbers<Recipe>("RCP").AddComments<Recipe>(Recipe.Names).AddAttachments<Recipe>().AddCategories<Recipe>()
        .AddApprovals<Recipe, RecipeChanged>(
            new(Recipe.Names, (recipe, _, _) => Recipe.ContextAsync(recipe), recipe => recipe.Approvals));

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder api)
    {
        api.MapGroup("menu").MapCategories<Recipe>(Use, Notes);
        var recipes = api.MapGroup("recipes").WithTags("Recipes");
        recipes.MapGet("{id}", (string id, Read read, AggregateStore<Recipe> store, CancellationToken ct) => read.OneAsync(store, id, ct))
            .WithName("GetRecipe").WithSummary("Reads a recipe").Requires(Use).Reads<Recipe>();
        recipes.MapPost("",
            (Request request, Write write, AggregateStore<Recipe> store, AggregateStore<Category<Recipe>> categories,
                NumberSeries<Recipe> numbers, Approvers approvers, CancellationToken ct) =>
                write.CreateAsync(store, async audit =>
                {
                    var recipe = new Recipe
                    {
                        Id = Guid.CreateVersion7(audit.At), Number = await numbers.NextAsync(ct), Title = request.Title,
                        Author = write.Caller.Person,
                        Category = (await categories.RequireCategoryAsync(request.Category, "/category", ct))?.Id,
                    };
                    await recipe.SubmitAsync(approvers, audit, ct);
                    return recipe;
                }, ct))
            .WithName("WriteRecipe").WithSummary("Writes a recipe").Requires(Use).Produces<Recipe>(StatusCodes.Status201Created);
        recipes.MapComments<Recipe>(Recipe.Names, Use, Use, Notes);
        recipes.MapAttachments<Recipe>(Recipe.Names, Use, Use, Notes);
        recipes.MapApprovals<Recipe>(Use);
    }
}
