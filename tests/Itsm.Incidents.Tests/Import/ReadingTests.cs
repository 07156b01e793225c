using Itsm.Incidents.Domain;
using Itsm.Incidents.Import;
using Itsm.Platform.Aggregates;
using Itsm.Platform.Errors;
using Itsm.Platform.Http;
using Itsm.Ticketing;

namespace Itsm.Incidents.Tests.Import;

/// <summary>From CSV to what the source tells, and the reasons to refuse it.</summary>
public sealed class ReadingTests
{
    private static readonly AuditContext Upload =
        new() { By = new(Guid.Empty, "Admin"), Action = "create", At = new(2024, 6, 1, 0, 0, 0, TimeSpan.Zero) };

    [Theory]
    [InlineData("", "The file is empty")]
    [InlineData("number,title,state,opened_at\n", "no rows")]
    [InlineData("number,title,state\n1,One,New\n", "Line 1: column opened_at is missing")]
    [InlineData("number,title,state,opened_at,colour\n1,One,New,2024-01-01T00:00Z,red\n",
        "Line 1, column 5: the plain form has no column \"colour\"")]
    [InlineData("number,title,state,opened_at,title\n1,One,New,2024-01-01T00:00Z,Two\n", "column \"title\" is there 2 times")]
    [InlineData("number,title,state,opened_at\n1,One,New,2024-01-01T00:00Z\n2,Two,New\n", "Line 3: 3 values for 4 columns; opened_at")]
    [InlineData("number,title,state,opened_at\n1,One,New,2024-01-01T00:00Z,more\n", "Line 2: 5 values for 4 columns")]
    [InlineData("number,title,state,opened_at\n1,\"One,New,2024-01-01T00:00Z\n", "Line 2 is not well-formed CSV")]
    [InlineData("number,title,state,opened_at\n1,O\"ne,New,2024-01-01T00:00Z\n", "Line 2 is not well-formed CSV")]
    [InlineData("number,title,state,opened_at\n1,O\0ne,New,2024-01-01T00:00Z\n", "Line 2, column title: there is a NUL")]
    [InlineData("number;title;state;opened_at\n1;One;New\n", "Line 2: 3 values for 4 columns")]
    [InlineData("number\ttitle\tstate\topened_at\n1\tOne\tNew\n", "Line 2: 3 values for 4 columns")]
    [InlineData("number,sys_mod_count,caller_id\n1,0,Somebody\n", "Line 1: column incident_state is missing")]
    public void A_file_of_neither_form_is_refused_whole(string text, string expected)
    {
        var problem = Assert.Throws<HttpProblemException>(() => CsvFile.Of(CsvTable.Parse(text))).Problem;

        Assert.Equal(400, problem.Status);
        Assert.Contains(expected, problem.Detail.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(",One,New,2024-01-01T00:00Z,,,,,,", "Line 2, column number: is missing")]
    [InlineData("1,,New,2024-01-01T00:00Z,,,,,,", "Line 2, column title: is missing")]
    [InlineData("1,On,New,2024-01-01T00:00Z,,,,,,", "column title: it must have 3 to 200 characters")]
    [InlineData("1,One,On Fire,2024-01-01T00:00Z,,,,,,", "column state: the state On Fire is unknown")]
    [InlineData("1,One,New,,,,,,,", "column opened_at: is missing")]
    [InlineData("1,One,New,2024-01-01,,,,,,", "column opened_at: 2024-01-01 is not a time")]
    [InlineData("1,One,New,2024-01-01T00:00,,,,,,", "column opened_at: 2024-01-01T00:00 is not a time")]
    [InlineData("1,One,New,2024-06-01T00:05:01Z,,,,,,", "column opened_at: 2024-06-01T00:05:01Z lies ahead of the upload")]
    [InlineData("1,One,Resolved,2024-01-01T00:00Z,,,,,,2124-01-02T00:00Z",
        "column resolved_at: 2124-01-02T00:00Z lies ahead of the upload")]
    [InlineData("1,One,New,31-02-2024 10:00,,,,,,", "column opened_at: 31-02-2024 10:00 is not a time")]
    [InlineData("1,One,New,2024-01-01T00:00Z,4 - None,,,,,", "column impact: 4 - None is not a level")]
    [InlineData("1,One,New,2024-01-01T00:00Z,,soon,,,,", "column urgency: soon is not a level")]
    [InlineData("1,One,New,2024-01-01T00:00Z,,,6,,,", "column priority: 6 is not a priority")]
    [InlineData("1,One,New,2024-01-01T00:00Z,,,,pigeon,,", "column channel: the channel pigeon is unknown")]
    [InlineData("1,One,New,2024-01-01T00:00Z,,,,,-1,", "column reopen_count: -1 is not a whole number")]
    [InlineData("1,One,New,2024-01-01T00:00Z,,,,,,2024-01-02T00:00Z", "column resolved_at: there is a time, but the state is New")]
    [InlineData("1,One,Resolved,2024-01-01T00:00Z,,,,,,2023-01-02T00:00Z", "column resolved_at: it lies before opened_at")]
    [InlineData("1,One,New,2024-01-01T00:00Z,,,,,,\n1,Two,New,2024-01-01T00:00Z,,,,,,", "The number 1 is on several lines (2, 3)")]
    public void A_plain_row_is_refused_with_its_line_and_column(string row, string expected) =>
        Assert.Contains(expected,
            Assert.Throws<RefusedException>(() =>
                Read($"number,title,state,opened_at,impact,urgency,priority,channel,reopen_count,resolved_at\n{row}\n")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("1,New,0,?,01-03-2016 10:00,01-03-2016 10:00", "Line 2, column caller_id: the caller is unknown")]
    [InlineData("1,New,?,Caller 1,01-03-2016 10:00,01-03-2016 10:00", "column sys_mod_count: is missing")]
    [InlineData("1,New,x,Caller 1,01-03-2016 10:00,01-03-2016 10:00", "column sys_mod_count: x is not a whole number")]
    [InlineData("1,-100,0,Caller 1,01-03-2016 10:00,01-03-2016 10:00", "column incident_state: the state -100 is unknown")]
    [InlineData("1,New,0,Caller 1,01-03-2016 10:00,?", "column sys_updated_at: is missing")]
    [InlineData("1,New,0,Caller 1,?,01-03-2016 10:00", "column opened_at: is missing")]
    [InlineData("1,New,0,Caller 1,01-03-2016 10:00,01-03-2016 10:00\n1,Melted,1,Caller 1,01-03-2016 10:00,01-03-2016 10:00",
        "Line 3, column incident_state: the state Melted is unknown")]
    public void An_incident_of_an_event_log_is_refused_as_a_whole(string rows, string expected) =>
        Assert.Contains(expected,
            Assert.Throws<RefusedException>(() => Read($"number,incident_state,sys_mod_count,caller_id,opened_at,sys_updated_at\n{rows}\n"))
                .Message, StringComparison.Ordinal);

    [Fact]
    public void An_event_log_gives_an_event_for_each_row()
    {
        var file = CsvFile.Of(CsvTable.Parse(Excerpt.Text));

        Assert.Equal(ImportForm.EventLog, file.Form);
        Assert.Equal(Excerpt.Rows.Select(group => (group.Key, group.Count())),
            file.Incidents.Select(incident => (incident.Number, incident.Rows.Count)));
        var first = Read(Excerpt.Text);
        Assert.Equal("Opened by 180", first.OpenedBy);
        Assert.Equal("Category 42, Subcategory 224, Symptom 4", first.Events[0].Title);
        Assert.Equal([IncidentState.New, IncidentState.Resolved, IncidentState.Closed], first.Events.Select(one => one.State));
        Assert.Equal("Resolved by 85", first.Events[^1].Resolution!.By);
        Assert.Contains("code 6", first.Events[^1].Resolution!.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public void Events_are_in_the_order_of_their_counts()
    {
        var read = Read("""
            number,incident_state,sys_mod_count,caller_id,opened_at,sys_updated_at
            1,Closed,10,Caller 1,01-03-2016 10:00,01-03-2016 12:00
            1,Awaiting Change,9,Caller 1,01-03-2016 10:00,01-03-2016 11:00
            """);

        Assert.Equal([IncidentState.OnHold, IncidentState.Closed], read.Events.Select(one => one.State));
        Assert.Equal(HoldReason.Change, read.Events[0].HoldReason);
    }

    [Fact]
    public void A_resolution_that_did_not_hold_has_the_time_of_its_own_event()
    {
        var read = Read("""
            number,incident_state,sys_mod_count,caller_id,opened_at,sys_updated_at,resolved_at,reopen_count
            1,Resolved,0,Caller 1,01-03-2016 10:00,01-03-2016 11:00,01-03-2016 12:55,0
            1,Active,1,Caller 1,01-03-2016 10:00,01-03-2016 12:00,01-03-2016 12:55,1
            1,Resolved,2,Caller 1,01-03-2016 10:00,01-03-2016 13:00,01-03-2016 12:55,1
            """);

        Assert.Equal(["11:00", null, "12:55"], read.Events.Select(one => one.Resolution?.At.ToString("HH:mm")));
    }

    [Fact]
    public void A_plain_row_becomes_the_history_that_its_times_tell()
    {
        var read = Read("""
            number,title,description,state,impact,urgency,priority,requester,assignment_group,assignee,category,channel,opened_at,resolved_at,closed_at,resolution_notes,reopen_count
            7,"Printer, third floor","It says ""PC LOAD LETTER"".
            Twice.",Closed,1 - High,low,2,employee1,service-desk,agent1,Printers,Email,2024-05-01T10:00:00+02:00,01-05-2024 09:00,02-05-2024 09:00,New paper.,1
            """);

        Assert.Equal("Printer, third floor", read.Events[0].Title);
        Assert.Equal("It says \"PC LOAD LETTER\".\nTwice.", read.Events[0].Description?.ReplaceLineEndings("\n"));
        Assert.Equal(Channel.Mail, read.Channel);
        Assert.Equal((Level.High, Level.Low, 2), (read.Events[0].Impact, read.Events[0].Urgency, read.Events[0].Priority));
        Assert.Equal([("New", "08:00"), ("Resolved", "09:00"), ("Closed", "09:00")],
            read.Events.Select(one => (one.State.ToString(), one.At.ToString("HH:mm"))));
        Assert.Equal("New paper.", read.Events[^1].Resolution!.Notes);
        Assert.Equal(1, read.Events[^1].ReopenCount);
    }

    [Fact]
    public void Only_four_columns_are_needed()
    {
        var read = Read("number,title,state,opened_at\n7,Printer,In Progress,2024-05-01T10:00:00Z\n");

        Assert.Equal(IncidentState.InProgress, Assert.Single(read.Events).State);
        Assert.Null(read.Events[0].Requester);
    }

    [Theory]
    [InlineData("27-03-2016 00:59", "00:59")]
    [InlineData("27-03-2016 01:30", "01:30")]
    [InlineData("27-03-2016 02:30", "01:30")]
    [InlineData("30-10-2016 01:30", "00:30")]
    [InlineData("30-10-2016 02:30", "02:30")]
    public void Local_times_at_clock_changes_follow_the_rule(string local, string utc) => Assert.Equal(utc, Read(
        $"number,title,state,opened_at\n7,Printer,New,{local}\n", "Europe/Lisbon").OpenedAt.ToString("HH:mm"));

    [Theory]
    [InlineData("Category 53", null, "category-53")]
    [InlineData("Subcategory 168", "category-53", "category-53-subcategory-168")]
    [InlineData("  VPN / remote  ", null, "vpn-remote")]
    public void Category_keys_are_slugs(string name, string? parent, string key) =>
        Assert.Equal(key, SourceCategories.KeyOf(name.Trim(), parent));

    [Fact]
    public void Categories_whose_slugs_say_too_little_stay_apart()
    {
        Assert.NotEqual(SourceCategories.KeyOf("Größe", null), SourceCategories.KeyOf("Grüße", null));
        Assert.NotEqual(SourceCategories.KeyOf(new string('a', 100) + "1", null), SourceCategories.KeyOf(new string('a', 100) + "2", null));
        Assert.All(["Größe", "???", new string('a', 100)], name =>
            Assert.Matches("^[a-z0-9]+(-[a-z0-9]+)*$", SourceCategories.KeyOf(name, "printers")));
    }

    private static SourceIncident Read(string text, string zone = "UTC")
    {
        var file = CsvFile.Of(CsvTable.Parse(text));
        var job = ImportJob.Queue(Guid.Empty, file, "test", zone, Upload);
        return RunImport.Read(job, file.Incidents[0].Number, file.Incidents[0].Rows);
    }
}
