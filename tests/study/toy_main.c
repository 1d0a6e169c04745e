#include "models/cli/cli.h"
#include "tests/study/toy.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv, &toy_model);
}
