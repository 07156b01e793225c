using System.Globalization;

namespace Itsm.Incidents.Tests.Import;

/// <summary>Five real incidents of a ServiceNow event log: see README.md.</summary>
internal static class Excerpt
{
    public static string Text
    {
        get
        {
            using var stream = new StreamReader(typeof(Excerpt).Assembly.GetManifestResourceStream("servicenow-incidents.csv")!);
            return stream.ReadToEnd();
        }
    }

    /// <summary>The rows of each incident, by column; told apart without the code under test.</summary>
    public static ILookup<string, Dictionary<string, string>> Rows
    {
        get
        {
            var lines = Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r').Split(',')).ToList();
            return lines.Skip(1).Select(values => lines[0].Zip(values).ToDictionary(pair => pair.First, pair => pair.Second))
                .ToLookup(row => row["number"]);
        }
    }

    /// <summary>Lisbon is an hour ahead of UTC in summer: from 27 March to 30 October 2016.</summary>
    public static DateTimeOffset Lisbon(string text)
    {
        var local = DateTime.ParseExact(text, "dd-MM-yyyy HH:mm", CultureInfo.InvariantCulture);
        var summer = local >= new DateTime(2016, 3, 27, 2, 0, 0) && local < new DateTime(2016, 10, 30, 2, 0, 0);
        return new DateTimeOffset(local, summer ? TimeSpan.FromHours(1) : TimeSpan.Zero);
    }
}
