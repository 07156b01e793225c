using Itsm.Platform.Aggregates;
using Itsm.Platform.Documents;

namespace Itsm.Platform.Tests.Aggregates;

/// <summary>Heads of histories, sealed with keys that change.</summary>
public sealed class AuditSealTests
{
    private static readonly Guid Thing = DerivedId.From("thing");
    private static readonly (string Name, string Key) Old = ("2025", Convert.ToBase64String(new byte[32]));
    private static readonly (string Name, string Key) New = ("2026", Convert.ToBase64String([.. Enumerable.Repeat((byte)7, 32)]));

    [Fact]
    public void A_head_stays_intact_over_a_change_of_the_key_as_long_as_the_old_one_is_kept()
    {
        var envelope = Sealed(Seals(Old.Name, Old));
        Assert.True(Seals(New.Name, Old, New).IsIntact(envelope, Thing));
        Assert.False(Seals(New.Name, New).IsIntact(envelope, Thing));
        Assert.True(new AuditSeals(new AuditSettings()).IsIntact(envelope, Thing));
    }

    [Fact]
    public void Another_thing_number_head_seal_or_none_is_not_intact()
    {
        var seals = Seals(Old.Name, Old);
        Assert.False(seals.IsIntact(Sealed(seals), DerivedId.From("another")));
        Assert.False(seals.IsIntact(Changed(envelope => envelope.Entries++), Thing));
        Assert.False(seals.IsIntact(Changed(envelope => envelope.ChainHead = [2]), Thing));
        Assert.False(seals.IsIntact(Changed(envelope => envelope.Seal = [2]), Thing));
        Assert.False(seals.IsIntact(Changed(envelope => (envelope.Seal, envelope.SealedWith) = (null, null)), Thing));

        Envelope Changed(Action<Envelope> change)
        {
            var envelope = Sealed(seals).Copy();
            change(envelope);
            return envelope;
        }
    }

    [Fact]
    public void A_key_that_is_none_or_is_missing_is_named()
    {
        Assert.Equal("Audit:Keys:2027 is missing: Audit:Current names it as the key with which histories are sealed.",
            Assert.Throws<InvalidOperationException>(() => Seals("2027", Old)).Message);
        Assert.Equal("Audit:Keys:short is not a key of at least 32 bytes in Base64.",
            Assert.Throws<InvalidOperationException>(() => Seals("short", ("short", Convert.ToBase64String(new byte[31])))).Message);
        Assert.Equal("Audit:Keys:words is not a key of at least 32 bytes in Base64.",
            Assert.Throws<InvalidOperationException>(() => Seals("words", ("words", "no key at all"))).Message);
    }

    private static AuditSeals Seals(string current, params (string Name, string Key)[] keys) =>
        new(new AuditSettings { Current = current, Keys = keys.ToDictionary(key => key.Name, key => key.Key) });

    private static Envelope Sealed(AuditSeals seals)
    {
        var envelope = new Envelope { Entries = 3, ChainHead = [1] };
        seals.Seal(envelope, Thing);
        return envelope;
    }
}
