using Itsm.Contracts;
using Itsm.Contracts.Directory;
using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Platform.Tests;

/// <summary>A small aggregate: says how it is with every save.</summary>
internal sealed class Lamp : Aggregate
{
    public const string Reminder = "remind";
    public const int MostTags = 3;
    private string? _label;

    public required string Key { get; init; }

    public string? Colour { get; private set; }

    public int Watts { get; private set; }

    public LampState? State { get; private set; }

    [AtMost(MostTags)]
    public IReadOnlyList<string> Tags { get; private set; } = [];

    public DateTimeOffset? RemindAt { get; private set; }

    public static AggregateDefinition<Lamp> Definition { get; } = new("lamps", "key", new IndexDefinition("readers", "key"),
        new IndexDefinition("readers", "colour", "key"), new IndexDefinition("readers", "watts"))
    {
        Normalize = key => key.ToLowerInvariant(),
    };

    public static Lamp Create(string key, string? colour = "white", int watts = 0, params IReadOnlyList<string> readers) =>
        new() { Id = DerivedId.From("lamp", key), Key = key, Colour = colour, Watts = watts,
            Readers = readers.Count == 0 ? [ReaderToken.Everyone] : readers };

    public static AuditContext AuditOf(DateTimeOffset at, string action = "update") =>
        new() { By = new Actor(null, "tests"), Action = action, At = at };

    public void Label(string text)
    {
        _label = text;
        Brighten();
    }

    public void Unlabel() => Delete(LampLabel.Definition, Id);

    public void Paint(string? colour) => Colour = colour;

    public void Brighten() => Watts++;

    public void Switch(LampState state) => State = state;

    public void Tag(params IReadOnlyList<string> tags) => Tags = tags;

    public void Remind(DateTimeOffset due)
    {
        RemindAt = due;
        SetTimer(Reminder, due);
    }

    public void Forget()
    {
        RemindAt = null;
        CancelTimer(Reminder);
    }

    protected internal override void OnSaving(AuditContext audit, IReadOnlyList<string> changed)
    {
        if (_label is { } text)
        {
            Write(LampLabel.Definition, new LampLabel { Id = Id, Version = Version, Text = text });
        }

        Raise(new RoleChanged { Id = Id, Version = Version, Key = Key, Name = Colour ?? "none", Granted = changed, Revoked = [] });
    }
}

/// <summary>What is written with the saves of a lamp.</summary>
internal sealed class LampLabel : Platform.Aggregates.Record
{
    public required string Text { get; init; }

    public static ProjectionDefinition<LampLabel> Definition { get; } = new("labels");
}

internal enum LampState
{
    Off,
    On,
}
