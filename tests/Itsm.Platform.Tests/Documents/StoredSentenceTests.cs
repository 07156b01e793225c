using Itsm.Platform.Documents;
using Itsm.Platform.Values;
using MongoDB.Bson;

namespace Itsm.Platform.Tests.Documents;

/// <summary>What is stored of a sentence is enough to say it in another language.</summary>
public sealed class StoredSentenceTests
{
    private static readonly Language German = new Languages(null).Find("de")!;

    [Fact]
    public void Its_words_are_translated_later()
    {
        var one = NotThere();
        Assert.Equal(one.In(German).ToString(), Kept(one).ToSentence().In(German).ToString());
        Assert.Equal(one.ToString(), Kept(one).ToSentence().ToString());
    }

    [Fact]
    public void Several_are_each_translated_later_alone_and_within_another()
    {
        var (one, memberName) = (NotThere(), "odd".Quoted);
        Sentence other = $"There is no field {memberName} here.";
        var several = Sentence.Join(" ", [one, other]);
        var kept = Kept(several);
        Assert.Equal($"{one} {other}", kept.Text);
        Assert.Equal($"{one.In(German)} {other.In(German)}", kept.ToSentence().In(German).ToString());
        Assert.Equal($"{one} {other}", kept.ToSentence().ToString());
        Sentence around = $"It is so: {several}";
        Assert.Equal($"It is so: {one.In(German)} {other.In(German)}", Kept(around).ToSentence().In(German).ToString());
    }

    [Fact]
    public void What_people_wrote_stays_and_has_no_arguments()
    {
        var kept = Kept(Sentence.Verbatim("Written by {hand}."));
        Assert.Equal(("Written by {hand}.", null, null), (kept.Text, kept.Template, kept.Arguments));
        Assert.Equal("Written by {hand}.", kept.ToSentence().In(German).ToString());
    }

    [Theory]
    [InlineData("{ _template: '{a}', _arguments: { a: { _word: true } } }")]
    [InlineData("{ _template: '{a}', _arguments: { a: { _word: true, text: 1 } } }")]
    [InlineData("{ _template: '{a:Q}', _arguments: { a: 1 } }")]
    [InlineData("{ _template: '{a', _arguments: { a: 1 } }")]
    [InlineData("{ _template: '{a}', _arguments: [1] }")]
    [InlineData("{ _template: '{a}', _arguments: { a: [{ _template: '{b:Q}', _arguments: { b: 1.5 } }, null] } }")]
    public void Json_of_callers_that_looks_like_a_sentence_breaks_nothing(string json)
    {
        var stored = new BsonDocument("with", BsonDocument.Parse(json)).ToBson();
        foreach (var element in new RawBson(stored))
        {
            _ = StoredSentence.Find(element)?.In(German).ToString();
        }
    }

    private static Sentence NotThere()
    {
        var (noun, id) = ("service".AsWord, "x".Quoted);
        return $"There is no {noun} {id} that you can see.";
    }

    private static Said Kept(Sentence sentence) => BsonMapping.FromBytes<Said>(BsonMapping.ToBytes(Said.Of(sentence)));

    private sealed record Said : StoredSentence
    {
        public static Said Of(Sentence sentence) =>
            new() { Text = sentence.ToString(), Template = TemplateOf(sentence), Arguments = ArgumentsOf(sentence) };
    }
}
