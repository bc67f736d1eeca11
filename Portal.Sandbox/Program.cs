namespace Portal.Sandbox;

public static class Program
{
    public static int Main(string[] args)
    {
        Console.WriteLine(args.Length);
        return 0;
    }
}
