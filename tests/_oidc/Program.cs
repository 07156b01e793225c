// An identity provider for tests: what it says of itself and its public keys are files of a mounted Secret, its certificate, too.
var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseKestrelHttpsConfiguration();
var app = builder.Build();
app.MapGet("/.well-known/openid-configuration", () => Results.File("/data/configuration.json", "application/json"));
app.MapGet("/keys", () => Results.File("/data/keys.json", "application/json"));
app.Run();
