using Portal.Benchmarks;

return args switch
{
    ["run", .. var parts] => await Run.AllAsync(parts),
    _ => await UncheckedPortal.ServeAsync(),
};
