"""A search for settings by validation: a study on disk, trials in processes of their own, and the winner's run.

`study` is what is known of all trials, `trial` trains one, `processes` has them work side by side on this machine and
`machines` on a cluster, `sweep` goes from a sweep's file to the winner, and `page` shows what came of it. Optuna is
imported here alone (`kerasvgg[sweep]`).
"""
