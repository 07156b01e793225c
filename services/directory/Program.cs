using Itsm.Directory;
using Itsm.Platform.Hosting;

return await ServiceHost.RunAsync(args, new DirectoryService());
