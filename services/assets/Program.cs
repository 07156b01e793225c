using Itsm.Assets;
using Itsm.Platform.Hosting;

return await ServiceHost.RunAsync(args, new AssetsService());
