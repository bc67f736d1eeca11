using Portal;

return await PortalApp.RunAsync(args);

/// <summary>Named for the tests, which start the portal by it.</summary>
public partial class Program;
