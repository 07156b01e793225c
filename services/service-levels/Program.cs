using Itsm.Platform.Hosting;
using Itsm.ServiceLevels;

return await ServiceHost.RunAsync(args, new ServiceLevelsService());
