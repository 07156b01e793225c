using System.ComponentModel.DataAnnotations;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Assets.Domain;

/// <summary>What a publisher sells under one name: what licenses are for, and what devices have installed.</summary>
public sealed class SoftwareProduct : Aggregate
{
    /// <summary>Number shown to people; works as an id.</summary>
    public required string Number { get; init; }

    /// <summary>Name shown to people; of a publisher no two are the same, whatever their case and white space.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Who makes it.</summary>
    public string Publisher { get; private set; } = "";

    /// <summary>The name as it is compared.</summary>
    [Hidden, Unaudited]
    public string? NameKey { get; private set; }

    /// <summary>The publisher as it is compared.</summary>
    [Hidden, Unaudited]
    public string? PublisherKey { get; private set; }

    /// <summary>Publisher and name as they are compared.</summary>
    [Hidden, Unaudited]
    public string? Key { get; private set; }

    /// <summary>The versions that matter here.</summary>
    [AtMost(500)]
    public IReadOnlyList<SoftwareVersion> Versions { get; private set; } = [];

    /// <summary>The person who answers for it.</summary>
    public Guid? Owner { get; private set; }

    /// <summary>What else there is to know.</summary>
    public string? Notes { get; private set; }

    /// <summary>How it is stored.</summary>
    public static AggregateDefinition<SoftwareProduct> Definition { get; } = new("software-products", "number",
        new("readers", "number"), new("readers", "nameKey"), new("nameKey", "number"), new("publisherKey", "number"),
        new("owner", "number") { Sparse = true },
        new("key") { Unique = true, Called = "name and publisher", Serves = "names of a publisher" })
    {
        Noun = "software product",
    };

    internal static SoftwareProduct Create(string number, ProductDetails details, AuditContext audit)
    {
        var product = new SoftwareProduct { Id = Guid.CreateVersion7(audit.At), Number = number, Readers = Asset.Staff };
        product.Describe(details);
        return product;
    }

    /// <summary>Publisher and name as they are compared: without white space, in one case.</summary>
    internal static string KeyOf(string publisher, string name) => $"{AssetDetails.KeyOf(publisher)}\n{AssetDetails.KeyOf(name)}";

    internal ProductDetails Details => new(Name, Publisher, Versions, Owner, Notes);

    /// <summary>Changes what people write of it.</summary>
    /// <exception cref="InvalidValueException">A value is impossible, or there twice.</exception>
    internal void Describe(ProductDetails details)
    {
        details.Require();
        (Name, Publisher, Versions, Owner, Notes) = details;
        (NameKey, PublisherKey, Key) = (AssetDetails.KeyOf(Name), AssetDetails.KeyOf(Publisher), KeyOf(Publisher, Name));
    }

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) => [new("update", AssetPermissions.Manage.Name, null)];
}

/// <summary>What people write of a product.</summary>
internal sealed record ProductDetails(
    string Name, string Publisher, IReadOnlyList<SoftwareVersion> Versions, Guid? Owner, string? Notes)
{
    /// <exception cref="InvalidValueException">A value is impossible, or there twice.</exception>
    public void Require()
    {
        var seen = new HashSet<string?>();
        foreach (var (index, one) in Versions.Index())
        {
            AssetDetails.RequireDay(one.EndOfSupport, $"/versions/{index}/endOfSupport");
            if (!seen.Add(AssetDetails.KeyOf(one.Version)))
            {
                throw new InvalidValueException($"/versions/{index}/version", FieldCode.Repeated,
                    $"The version {one.Version.Quoted} is there twice.");
            }
        }
    }
}

/// <summary>A version of a product.</summary>
public sealed record SoftwareVersion
{
    /// <summary>As the publisher calls it.</summary>
    [Required, StringLength(100, MinimumLength = 1)]
    public required string Version { get; init; }

    /// <summary>The last day on which the publisher mends it.</summary>
    public DateOnly? EndOfSupport { get; init; }
}
