using Itsm.Directory;
using Itsm.Platform.Hosting;

await ServiceHost.RunAsync(args, new DirectoryService());
