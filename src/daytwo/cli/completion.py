"""`daytwo completion`: the script that a shell loads."""

import click


@click.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """The completion script for a shell, on standard output.

    \b
      bash   source <(daytwo completion bash)        in ~/.bashrc
      zsh    source <(daytwo completion zsh)         in ~/.zshrc, after compinit
      fish   daytwo completion fish > ~/.config/fish/completions/daytwo.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None
    root = ctx.find_root().command
    click.echo(found(root, {}, "daytwo", "_DAYTWO_COMPLETE").source())
