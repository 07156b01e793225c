using Itsm.Incidents;
using Itsm.Platform.Hosting;

return await ServiceHost.RunAsync(args, new IncidentsService());
