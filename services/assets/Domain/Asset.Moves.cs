using Itsm.Platform.Access;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Values;

namespace Itsm.Assets.Domain;

/// <summary>Who has an asset, and what becomes of it.</summary>
public sealed partial class Asset
{
    internal const string ReturnTimer = "return";

    /// <summary>Ends what it has of licenses.</summary>
    internal const string RetirementTimer = "retirement";

    internal const string Accept = "accept";
    internal const string Decline = "decline";
    private const int MostCheckOuts = 50;

    /// <summary>True where somebody has it.</summary>
    internal bool IsHeld => Holder is not null || HolderSite is not null || HolderAsset is not null;

    /// <summary>The state that the action leads to.</summary>
    /// <exception cref="RuleViolationException"><c>asset.transition</c>.</exception>
    internal AssetState RequireMove(string action) =>
        WhyNotMove(action) is { } why ? throw new RuleViolationException("asset.transition", why)
        : action == AssetLifeCycle.ReturnFromMaintenance && !IsHeld ? AssetState.InStock
        : AssetLifeCycle.Table.Next(State, action);

    /// <summary>Moves it where that brings no more than a reason along.</summary>
    /// <exception cref="RuleViolationException"><c>asset.transition</c>.</exception>
    internal void Move(string action, AuditContext audit)
    {
        Enter(RequireMove(action), audit);
        if (State == AssetState.Retired)
        {
            // After any assignment that was made while it was not.
            SetTimer(RetirementTimer, audit.At + License.Allowance);
        }

        if (IsHeld && State is not (AssetState.Deployed or AssetState.InMaintenance))
        {
            EndCheckOut(action, null, audit.Reason, audit);
        }
    }

    /// <summary>Gives it to somebody.</summary>
    /// <exception cref="RuleViolationException"><c>asset.transition</c>.</exception>
    /// <exception cref="InvalidValueException">It is expected back in the past.</exception>
    internal void GiveTo(AssetHolder holder, DateTimeOffset? expectedReturn, string? note, string? terms, AuditContext audit)
    {
        Enter(RequireMove(AssetLifeCycle.CheckOut), audit);
        (Holder, HolderSite, HolderAsset) = (holder.Person, holder.Site, holder.Asset);
        (CheckedOutAt, CheckedOutBy, CheckOutNote) = (audit.At, audit.By, note);
        Site = holder.Site ?? Site;
        Acceptance = terms is null ? null : new Acceptance { Text = terms, RequestedAt = audit.At };
        if (expectedReturn is not null)
        {
            Expect(expectedReturn, audit);
        }
    }

    /// <summary>Keeps it for a kit that is about to be handed out.</summary>
    /// <returns>False where it is not in stock, or kept for another one.</returns>
    internal bool Reserve(Guid kitCheckOut)
    {
        if (State != AssetState.InStock || ReservedBy is not null)
        {
            return false;
        }

        ReservedBy = kitCheckOut;
        return true;
    }

    /// <summary>That kit is not handed out.</summary>
    internal void Unreserve(Guid kitCheckOut) => ReservedBy = ReservedBy == kitCheckOut ? null : ReservedBy;

    /// <summary>Gives it to whoever gets the kit; nothing happens where that was done.</summary>
    internal void GiveReserved(KitCheckOut kit, AuditContext audit)
    {
        if (ReservedBy == kit.Id)
        {
            ReservedBy = null;
            GiveTo(new AssetHolder(kit.Person, kit.Site, null), kit.ExpectedReturn > audit.At ? kit.ExpectedReturn : null, kit.Note,
                kit.Terms, audit);
        }
    }

    /// <summary>Sets when it is expected back; null for no date.</summary>
    /// <exception cref="RuleViolationException"><c>asset.not-out</c>.</exception>
    /// <exception cref="InvalidValueException">In the past.</exception>
    internal void Expect(DateTimeOffset? back, AuditContext audit)
    {
        if (back == ExpectedReturn)
        {
            return;
        }

        if (!IsHeld)
        {
            throw new RuleViolationException("asset.not-out", $"{Number} is expected from nobody: nobody has it.");
        }

        if (back <= audit.At)
        {
            throw new InvalidValueException("/expectedReturn", FieldCode.OutOfRange,
                $"expectedReturn can't be {back:yyyy-MM-ddTHH:mm:ssZ}: it lies in the past.");
        }

        (ExpectedReturn, OverdueSince) = (back, null);
        if (back is { } due)
        {
            SetTimer(ReturnTimer, due);
        }
        else
        {
            CancelTimer(ReturnTimer);
        }
    }

    /// <summary>The time has come at which it was expected back.</summary>
    internal void NoteReturnIsDue(AuditContext audit)
    {
        if (IsHeld && ExpectedReturn <= audit.At)
        {
            OverdueSince = ExpectedReturn;
        }
    }

    /// <summary>Takes it back into stock.</summary>
    /// <exception cref="RuleViolationException"><c>asset.transition</c>.</exception>
    internal void TakeBack(AssetCondition? condition, string? note, string? site, AuditContext audit)
    {
        Enter(RequireMove(AssetLifeCycle.CheckIn), audit);
        Site = site ?? Site;
        EndCheckOut(AssetLifeCycle.CheckIn, condition, note, audit);
    }

    /// <summary>Whoever has it answers what they were asked to accept. Final.</summary>
    /// <exception cref="RuleViolationException"><c>asset.acceptance</c>.</exception>
    internal void Answer(bool accepts, string? reason, AuditContext audit)
    {
        if (WhyNoAnswer is { } why)
        {
            throw new RuleViolationException("asset.acceptance", why);
        }

        Acceptance = accepts
            ? Acceptance! with { State = AcceptanceState.Accepted, AcceptedAt = audit.At, By = audit.By }
            : Acceptance! with { State = AcceptanceState.Declined, DeclinedAt = audit.At, By = audit.By, Reason = reason };
    }

    /// <summary>Another asset is about to be put into this one.</summary>
    /// <param name="claim">By which.</param>
    /// <param name="alive">The claims that still hold.</param>
    /// <exception cref="RuleViolationException"><c>asset.holder-state</c>.</exception>
    internal void Take(HoldClaim claim, IEnumerable<HoldClaim> alive)
    {
        if (!AssetLifeCycle.Holding.Contains(State))
        {
            throw new RuleViolationException("asset.holder-state",
                $"{Number} is {State}: nothing can be put into it.");
        }

        Claims = [.. alive, claim];
    }

    /// <summary>It was not put into this one after all.</summary>
    internal void Release(Guid claim) => Claims = [.. Claims.Where(one => one.Id != claim)];

    /// <inheritdoc/>
    protected override IEnumerable<ActionState> Actions(Caller caller) =>
    [
        .. AssetLifeCycle.Table.Table.Select(move => new ActionState(move.Action, move.Permission.Name, WhyNotMove(move.Action))),
        new("update", AssetPermissions.Manage.Name, null),
        new(Accept, AssetPermissions.ReadOwn.Name, WhyNoAnswer), new(Decline, AssetPermissions.ReadOwn.Name, WhyNoAnswer),
    ];

    private Sentence? WhyNoAnswer => Acceptance?.State switch
    {
        null => (Sentence)$"There is nothing to accept.",
        AcceptanceState.Requested => null,
        _ => $"That was answered already; an answer is final.",
    };

    private Sentence? WhyNotMove(string action) => AssetLifeCycle.Table.WhyNot(State, action)
        ?? (ReservedBy is not null ? (Sentence)$"{Number} is about to be handed out with a kit." : null)
        ?? (action == AssetLifeCycle.CheckIn && !IsHeld ? (Sentence)$"{Number} is in maintenance, and nobody has it." : null);

    private void Enter(AssetState state, AuditContext audit) => (State, StateSince) = (state, audit.At);

    private void EndCheckOut(string action, AssetCondition? condition, string? note, AuditContext audit)
    {
        var ended = new CheckOut
        {
            Person = Holder, Site = HolderSite, Asset = HolderAsset, At = CheckedOutAt!.Value, By = CheckedOutBy,
            ExpectedReturn = ExpectedReturn, Note = CheckOutNote, Acceptance = Acceptance, EndedAt = audit.At, EndedBy = audit.By,
            EndedWith = action, Condition = condition, EndNote = note,
        };
        CheckOuts = [.. CheckOuts.TakeLast(MostCheckOuts - 1), ended];
        (LastHolder, Holder, HolderSite, HolderAsset) = (Holder ?? LastHolder, null, null, null);
        (CheckedOutAt, CheckedOutBy, CheckOutNote, Acceptance) = (null, null, null, null);
        (ExpectedReturn, OverdueSince) = (null, null);
        CancelTimer(ReturnTimer);
    }
}
