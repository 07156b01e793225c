using Itsm.Platform.Hosting;
using Itsm.Search;

return await ServiceHost.RunAsync(args, new SearchService());
