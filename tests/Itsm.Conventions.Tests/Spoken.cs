using System.Text.RegularExpressions;
using Itsm.Platform.Values;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Itsm.Conventions.Tests;

/// <summary>What the product says to people: read from the compiled code, where each sentence is made piece by piece.</summary>
internal static class Spoken
{
    /// <summary>The templates of all sentences, with where they are made.</summary>
    public static ILookup<string, string> Templates { get; } = Repository.Product.SelectMany(Compiled.Types)
        .SelectMany(type => type.Methods.Where(method => method.HasBody).SelectMany(method =>
            TemplatesOf(method.Body).Select(template => (Template: template, Place: method.FullName))))
        .ToLookup(one => one.Template, one => one.Place);

    /// <summary>The words that sentences have translated by themselves: those that stand in the code before <c>.AsWord</c>, nouns, what
    /// unique indexes are called, and what attributes ask for.</summary>
    public static HashSet<string> Words { get; } =
    [
        .. Repository.Product.SelectMany(Compiled.Types).SelectMany(type => type.Methods).Where(method => method.HasBody)
            .SelectMany(method => WordsOf(method.Body)),
        .. Repository.Product.Where(assembly => assembly.GetName().Name != "Itsm.AppHost").SelectMany(assembly => assembly.GetTypes())
            .Where(type => !type.IsAbstract && IsRecord(type) && !type.IsSubclassOf(typeof(Ticketing.Ticket))).Select(NounOf).OfType<string>(),
        .. Repository.Sources.Select(File.ReadAllText).SelectMany(text =>
            Regex.Matches(text, """
                ErrorMessage = "(?<word>[^"]*)"|NotFound\([^"(),]*("(?<word>[^"]*)"[^"(),]*)+,|Names = new\("(?<word>\w+)"
                """))
            .SelectMany(found => found.Groups["word"].Captures).Select(word => word.Value.TrimEnd('.')).Where(word => !word.Contains(':')),
    ];

    private static bool IsRecord(Type type) => type.BaseType is { } parent
        && (parent == typeof(Platform.Aggregates.Record) || IsRecord(parent));

    /// <summary>By default a thing is called as its type.</summary>
    private static string? NounOf(Type type) =>
        Regex.IsMatch(File.ReadAllText(Repository.Sources.First(file => Path.GetFileName(file) == type.Name.Split('`')[0] + ".cs")),
            "Noun = ") ? null : type.Name.Split('`')[0].ToLowerInvariant();

    private static IEnumerable<string> WordsOf(MethodBody body) => body.Instructions
        .Where(instruction => instruction is { OpCode.Code: Code.Ldstr, Next.Operand: MethodReference
        {
            Name: "get_AsWord" or "set_Noun" or "set_Called",
        } }).Select(instruction => (string)instruction.Operand);

    private static IEnumerable<string> TemplatesOf(MethodBody body)
    {
        var open = new Stack<Piecemeal>();
        foreach (var instruction in body.Instructions)
        {
            if (instruction.Operand is not MethodReference { DeclaringType.FullName: "Itsm.Platform.Values.Sentence" } called)
            {
                continue;
            }

            switch (called.Name)
            {
                case ".ctor" when called.Parameters.Count == 2 && IsNumber(instruction.Previous) && IsNumber(instruction.Previous.Previous):
                    open.Push(new Piecemeal(NumberOf(instruction.Previous.Previous), NumberOf(instruction.Previous)));
                    break;
                case nameof(Sentence.AppendLiteral) when open.Count > 0:
                    open.Peek().AddLiteral((string)instruction.Previous.Operand);
                    break;
                case nameof(Sentence.AppendFormatted) when open.Count > 0:
                    open.Peek().AddHole((string)instruction.Previous.Operand, instruction.Previous.Previous.Operand as string);
                    break;
            }

            while (open.Count > 0 && open.Peek().IsWhole)
            {
                yield return open.Pop().Template;
            }
        }

        Assert.Empty(open);
    }

    private static bool IsNumber(Instruction instruction) => instruction.OpCode.Name.StartsWith("ldc", StringComparison.Ordinal);

    private static int NumberOf(Instruction instruction) => instruction.OpCode.Code switch
    {
        Code.Ldc_I4 or Code.Ldc_I4_S => Convert.ToInt32(instruction.Operand, System.Globalization.CultureInfo.InvariantCulture),
        var code => code - Code.Ldc_I4_0,
    };

    /// <summary>A sentence of which some pieces are known.</summary>
    private sealed class Piecemeal(int letters, int holes)
    {
        private readonly List<string> _literals = [""];
        private readonly List<(string Expression, string? Format)> _holes = [];
        private int _letters;

        public bool IsWhole => _letters == letters && _holes.Count == holes;

        public string Template
        {
            get
            {
                var names = ArgumentNames.Of(_holes.Select(hole => hole.Expression));
                return ArgumentNames.Template(_literals, _holes.Select((hole, place) => (names[place], hole.Format)));
            }
        }

        public void AddLiteral(string text)
        {
            _letters += text.Length;
            _literals[^1] += text;
        }

        public void AddHole(string expression, string? format)
        {
            _holes.Add((expression, format));
            _literals.Add("");
        }
    }
}
