#include <stdio.h>

int main(void) {
    puts("hello from a program that was compiled in the sandbox");
    return 0;
}
