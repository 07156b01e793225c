using Itsm.Gateway;
using Itsm.Platform.Hosting;

return await ServiceHost.RunAsync(() => GatewayHost.Build(args));
