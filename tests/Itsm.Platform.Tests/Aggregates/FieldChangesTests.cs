using Itsm.Platform.Aggregates;
using MongoDB.Bson;
using MongoDB.Bson.Serialization;

namespace Itsm.Platform.Tests.Aggregates;

public sealed class FieldChangesTests
{
    [Theory]
    [InlineData("{ a: 1, b: 'x' }", "{ a: 2, b: 'x' }", "[{ field: 'a', from: 1, to: 2 }]")]
    [InlineData("{ a: 1 }", "{ b: [1] }", "[{ field: 'b', from: null, to: [1] }, { field: 'a', from: 1, to: null }]")]
    [InlineData("{ a: { x: 1, y: 2 } }", "{ a: { x: 1, y: 3 } }", "[{ field: 'a', from: { x: 1, y: 2 }, to: { x: 1, y: 3 } }]")]
    [InlineData("{ a: ['x', 'y'] }", "{ a: ['y', 'z', 'z'] }", "[{ field: 'a', removed: ['x'], added: ['z', 'z'] }]")]
    [InlineData("{ a: ['x', 'x'] }", "{ a: ['x'] }", "[{ field: 'a', removed: ['x'], added: [] }]")]
    [InlineData("{ a: ['x', 'y'] }", "{ a: ['y', 'x'] }", "[{ field: 'a', from: ['x', 'y'], to: ['y', 'x'] }]")]
    [InlineData("{ a: [] }", "{ a: [{ n: 1 }] }", "[{ field: 'a', removed: [], added: [{ n: 1 }] }]")]
    public void Of_a_field_and_of_a_list_of_values_what_changed_is_told(string before, string after, string changes) =>
        Tells(changes, before, after);

    [Theory]
    [InlineData("id"), InlineData("_id"), InlineData("key")]
    public void Of_a_list_of_objects_with_a_key_each_changed_element_is_told_alone(string name)
    {
        var before = $"{{ a: [{{ {name}: 'x', n: 1 }}, {{ {name}: 'y', n: 1 }}, {{ {name}: 'z', n: 1 }}] }}";
        Tells($"[{{ field: 'a', key: 'x', from: {{ {name}: 'x', n: 1 }}, to: null }}, "
            + $"{{ field: 'a', key: 'z', from: {{ {name}: 'z', n: 1 }}, to: {{ {name}: 'z', n: 2 }} }}, "
            + $"{{ field: 'a', key: 'w', from: null, to: {{ {name}: 'w', n: 1 }} }}]",
            before, $"{{ a: [{{ {name}: 'y', n: 1 }}, {{ {name}: 'z', n: 2 }}, {{ {name}: 'w', n: 1 }}] }}");

        var reordered = $"[{{ {name}: 'y', n: 1 }}, {{ {name}: 'x', n: 1 }}, {{ {name}: 'z', n: 1 }}]";
        Tells($"[{{ field: 'a', from: {before[5..^2]}, to: {reordered} }}]", before, $"{{ a: {reordered} }}");
    }

    [Fact]
    public void An_object_in_which_a_list_changed_is_told_field_by_field()
    {
        Tells("[{ field: 'a.l', key: 2, from: null, to: { id: 2 } }, { field: 'a.n', from: 1, to: 2 }]",
            "{ a: { l: [{ id: 1 }], n: 1, m: 1 } }", "{ a: { l: [{ id: 1 }, { id: 2 }], n: 2, m: 1 } }");
        Assert.Equal(["a", "b"], FieldChanges.FieldsOf(Changes("{ a: { l: [1], n: 1 }, b: 1 }", "{ a: { l: [2], n: 2 }, b: 2 }")));
    }

    [Fact]
    public void Keys_that_are_not_unique_tell_nothing_apart() =>
        Tells("[{ field: 'a', removed: [], added: [{ id: 1, n: 2 }] }]",
            "{ a: [{ id: 1, n: 1 }] }", "{ a: [{ id: 1, n: 1 }, { id: 1, n: 2 }] }");

    private static void Tells(string changes, string before, string after) =>
        Assert.Equal(BsonDocument.Parse($"{{ changes: {changes} }}"),
            BsonSerializer.Deserialize<BsonDocument>(new BsonDocument("changes", new BsonArray(Changes(before, after))).ToBson()));

    private static List<BsonDocument> Changes(string before, string after) =>
        FieldChanges.Between(BsonDocument.Parse(before).ToBson(), BsonDocument.Parse(after).ToBson(), []);
}
