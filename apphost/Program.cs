using Itsm.AppHost;

return await AppHost.RunAsync(args);
