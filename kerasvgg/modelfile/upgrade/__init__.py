"""Old model configurations patched as data, so that Keras 3.15 builds them."""

from kerasvgg.modelfile.upgrade.patch import Upgrade, harmless_upgrade, upgrade

__all__ = ["Upgrade", "harmless_upgrade", "upgrade"]
