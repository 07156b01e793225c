using Itsm.Gateway;

await GatewayHost.Build(args).RunAsync();
