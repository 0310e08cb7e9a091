from antifraud.models.appeal import Appeal, AppealState
from antifraud.models.block import Block, BlockKind, BlockReason, BlockState

__all__ = ["Appeal", "AppealState", "Block", "BlockKind", "BlockReason", "BlockState"]
