using Itsm.Platform.Hosting;
using Itsm.Requests;

return await ServiceHost.RunAsync(args, new RequestsService());
